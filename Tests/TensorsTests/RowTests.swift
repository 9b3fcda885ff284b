import TestSupport
import Testing

@testable import Tensors

/// Sums and products of the rows of a tensor.
@Suite("Rows of tensors")
struct RowTests {
  /// Lengths around the eight sums that run side by side, and around a task.
  @Test(arguments: [1, 7, 8, 9, 100, 8191, 8192, 8199], [1, 3])
  func `dot products equal those of the twin`(_ length: Int, _ rows: Int) {
    let (a, b) = (sample([rows, length], 1), sample([rows, length], 2))
    let (sums, twin) = (a.rowDots(b, rows: rows), Naive.rowDots(a, b, rows: rows))
    expectClose(sums, twin, absolute: 1e-10)
    expectClose([a.dot(b)], Naive.rowDots(a, b, rows: 1), absolute: 1e-10)
  }

  @Test func `they are the same for any number of threads`() {
    let (a, b) = (sample([4, 50_000], 1), sample([4, 50_000], 2))
    func sums(_ threads: Int) -> [Double] {
      Threads.$limit.withValue(threads) { [a.dot(b)] + a.rowDots(b, rows: 4) }
    }
    #expect(sums(1) == sums(2) && sums(1) == sums(3))
  }

  /// In single precision 2^24 + 1 is 2^24.
  @Test func `they are computed in double precision`() {
    let ones = Tensor(repeating: 1, shape: [1, 1000])
    var large = ones
    large[0] = 16_777_216
    #expect(large.dot(ones) == 16_778_215)
    #expect(large.rowDots(ones, rows: 1) == [16_778_215])
    if Scalar.self == Float.self {
      #expect((0..<1000).reduce(Scalar(0)) { $0 + large[$1] } == 16_777_216, "one after the other")
    }
  }

  @Test(arguments: [1, 5, 16, 19, 9000]) func `each row times its factor`(_ length: Int) {
    let (x, factors) = (sample([3, length]), [2, -0.5, 0] as [Scalar])
    let y = x.scalingRows(by: factors)
    #expect((0..<x.shape.count).allSatisfy { y[$0] == factors[$0 / length] * x[$0] })
  }

  @Test(arguments: [1, 5, 16, 19, 9000]) func `rows of length 1 and their pullback`(_ length: Int) {
    let (x, g) = (sample([3, length], 1), sample([3, length], 2))
    let unit = x.unitRows(3, epsilon: 1e-12)
    // What it is in four passes, to the last bit.
    let norms = x.rowDots(x, rows: 3).map { ($0 + Double(1e-12 as Scalar)).squareRoot() }
    let factors = norms.map { Scalar(1 / $0) }
    #expect(unit.f.scalars == factors && unit.u == x.scalingRows(by: factors))
    let along = unit.u.rowDots(g, rows: 3).map { Scalar($0) }
    let across = g - unit.u.scalingRows(by: along)
    #expect(g.tangentRows(unit) == across.scalingRows(by: factors))
    expectClose(unit.u.rowDots(unit.u, rows: 3), [1, 1, 1], absolute: 1e-5)
    let rest = g.tangentRows(unit).rowDots(x, rows: 3)
    expectClose(rest, [0, 0, 0], absolute: 1e-5 * Double(length))
  }

  @Test(arguments: [1, 5, 16, 19, 9000]) func `each row less its mean`(_ length: Int) {
    let x = sample([3, length]), y = x.centeringRows()
    let ones = Tensor(repeating: 1, shape: x.shape)
    expectClose(y.rowDots(ones, rows: 3), [0, 0, 0], absolute: 1e-6 * Double(length))
    let moved = (x - y).scalars
    for row in 0..<3 {
      let shift = moved[row * length..<(row + 1) * length]
      #expect(shift.allSatisfy { abs($0 - shift.first!) < 1e-5 }, "one number a row")
    }
  }

  /// The kernel that convolves gradients is packed from where it lies; to pack it as it lies is another.
  @Test(arguments: [1, 3, 5], [3, 16, 17, 40])
  func `a packed kernel is turned as by its twin`(_ k: Int, _ inputs: Int) {
    let w = sample([19, k, k, inputs])
    let correlation = Correlation(
      Window(k), outputHeight: 4, outputWidth: 4, outputs: inputs, channels: 19,
      sourceLine: 19 * (3 + k))
    func scalars(_ storage: Storage) -> [Scalar] {
      let count = blocks(of: inputs) * lanes * correlation.reduction
      return withExtendedLifetime(storage) { (0..<count).map { storage.base[$0] } }
    }
    let turned = scalars(correlation.packed(turning: w))
    #expect(turned == scalars(correlation.packed(Naive.turned(w))))
    #expect(turned != scalars(correlation.packed(w.reshaped(to: [inputs, k, k, 19]))))
  }
}
