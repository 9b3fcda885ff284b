import TestSupport
import Testing

@testable import Tensors

/// Loops over many tensors at once, and the step of an optimizer that is one.
@Suite("Many tensors in one loop")
struct ManyTensorsTests {
  /// Less than a vector, more than a piece, and nothing.
  private let tensors = [1, 5, 0, 16, 8192, 8193, 20_000].enumerated().map { sample([$1], $0) }

  @Test func `pieces cover every scalar once`() {
    let counts = [3, 0, 8192, 8193, 30_000]
    let seen = counts.map { Tensor.zeros([max(1, $0)]) }
    let places = seen.map { UnsafeMutablePointer(mutating: $0.pointer) }
    #expect(Piece.all(of: counts).allSatisfy { 1...8192 ~= $0.scalars.count })
    parallelPieces(of: counts) { piece in
      for i in piece.scalars { places[piece.tensor][i] += 1 }
    }
    for (count, tensor) in zip(counts, seen) {
      #expect(tensor.scalars.allSatisfy { $0 == (count == 0 ? 0 : 1) })
    }
  }

  @Test func `the sum of squares is that of the twin, in double precision`() {
    let (sum, twin) = (tensors.sumOfSquares, Naive.sumOfSquares(tensors))
    #expect(abs(sum - twin) <= 1e-12 * twin)
    // In single precision 2^24 + 1 is 2^24.
    #expect([Tensor([4096, 1], shape: [2])].sumOfSquares == 16_777_217)
    #expect([Tensor]().sumOfSquares == 0)
  }

  @Test func `scaling reaches every scalar, and leaves copies alone`() {
    var scaled = tensors
    scaled.scale(by: -0.5)
    for (now, before) in zip(scaled, tensors) {
      #expect(now.scalars == before.scalars.map { -0.5 * $0 })
    }
  }

  @Test(arguments: [false, true])
  func `a step with momentum is that of the twin`(_ nesterov: Bool) {
    var (parameters, velocities) = (tensors, tensors.map { -2 * $0 })
    let gradients = tensors.enumerated().map { sample($1.shape, 100 + $0) }
    let step = MomentumStep(
      learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, isNesterov: nesterov)
    step.run(
      tensors.indices.map { .init(&parameters[$0], &velocities[$0], gradients[$0]) })
    for index in tensors.indices where tensors[index].shape.count > 0 {
      func twin(_ nesterov: Bool) -> (parameter: Tensor, velocity: Tensor) {
        Naive.momentumStep(
          tensors[index], velocity: -2 * tensors[index], gradient: gradients[index],
          learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, isNesterov: nesterov)
      }
      expectClose(parameters[index], twin(nesterov).parameter, absolute: 1e-6)
      expectClose(velocities[index], twin(nesterov).velocity, absolute: 1e-6)
      // The other form goes elsewhere.
      #expect(largestDifference(parameters[index], twin(!nesterov).parameter) > 1e-3)
    }
  }

  @Test func `sums and steps are the same for any number of threads`() {
    func results(_ threads: Int) -> [Tensor] {
      var (parameters, velocities) = (tensors, tensors)
      return Threads.$limit.withValue(threads) {
        MomentumStep(learningRate: 0.1, momentum: 0.9, weightDecay: 0.01, isNesterov: true).run(
          tensors.indices.map { .init(&parameters[$0], &velocities[$0], tensors[$0]) })
        return parameters + velocities + [Tensor(vector: [tensors.sumOfSquares])]
      }
    }
    #expect(results(1) == results(2) && results(1) == results(3))
  }

  @Test func `a tensor moves toward another by a share`() {
    let (start, target) = (sample([21], 1), sample([21], 2))
    var moved = start
    moved.move(toward: target, by: 0.25)
    expectClose(moved, 0.75 * start + 0.25 * target, absolute: 1e-6)
    moved = start
    moved.move(toward: target, by: 0)
    #expect(moved == start)
    moved.move(toward: target, by: 1)
    #expect(moved == target)
  }
}
