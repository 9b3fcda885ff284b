import Tensors
import TestSupport
import Testing

@Suite("Random generator")
struct RandomGeneratorTests {
  /// Mean and variance of 100,000 draws.
  private func moments(_ draw: (inout RandomGenerator) -> Scalar) -> (
    mean: Double, variance: Double
  ) {
    var generator = RandomGenerator(seed: 5)
    let values = (0..<100_000).map { _ in Double(draw(&generator)) }
    let mean = values.reduce(0, +) / Double(values.count)
    return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
  }

  @Test func `the first numbers of seed 1 never change`() {
    var generator = RandomGenerator(seed: 1)
    #expect((0..<3).map { _ in generator.next() } == Self.firstOfSeedOne)
  }
  /// Computed with a second implementation, of the published recurrence, in another language.
  static let firstOfSeedOne: [UInt64] = [
    0xBFEF8030DDC2D772, 0x5F552CE482F2AA47, 0x70335FC3DAF3D8A7,
  ]

  @Test func uniform() {
    let (mean, variance) = moments { $0.uniform() }
    expectClose(mean, 0.5, absolute: 0.005)
    expectClose(variance, 1.0 / 12, absolute: 0.002)
  }

  @Test func normal() {
    let (mean, variance) = moments { $0.normal() }
    expectClose(mean, 0, absolute: 0.015)
    expectClose(variance, 1, absolute: 0.02)
  }

  @Test func gumbel() {
    let (mean, variance) = moments { $0.gumbel() }
    expectClose(mean, 0.5772156649, absolute: 0.02)
    expectClose(variance, 1.6449340668, absolute: 0.05)
  }

  @Test func `argmax of logits plus Gumbel noise samples the softmax`() {
    var generator = RandomGenerator(seed: 3)
    let logits: [Scalar] = [0.1, -0.2, 0.3]
    var counts = [0.0, 0.0, 0.0]
    for _ in 0..<50_000 {
      let noisy = logits.map { $0 + generator.gumbel() }
      counts[noisy.indices.max { noisy[$0] < noisy[$1] } ?? 0] += 1
    }
    expectClose(
      counts.map { $0 / 50_000 }, [0.33758454, 0.25008878, 0.41232669], absolute: 0.01, relative: 0)
  }

  @Test func `integers cover their range evenly`() {
    var generator = RandomGenerator(seed: 2)
    var counts = [Int](repeating: 0, count: 7)
    for _ in 0..<70_000 { counts[generator.integer(below: 7)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 10_000) < 500 })
  }

  @Test func `a permutation holds every number once and depends on the seed`() {
    var (a, b, c) = (RandomGenerator(seed: 1), RandomGenerator(seed: 1), RandomGenerator(seed: 2))
    let order = a.permutation(100)
    #expect(order.sorted() == Array(0..<100))
    #expect(order == b.permutation(100))
    #expect(order != c.permutation(100))
  }

  @Test func `streams depend on label and numbers, not on what was drawn`() {
    let root = RandomGenerator(seed: 9)
    var (a, again) = (root.stream("crop", 3), root.stream("crop", 3))
    let first = a.next()
    #expect(first == again.next())
    for other in [root.stream("flip", 3), root.stream("crop", 4), root.stream("crop", 3, 0)] {
      var other = other
      #expect(other.next() != first)
    }
  }

  @Test func `split generators share no numbers`() {
    var root = RandomGenerator(seed: 4)
    var (left, right) = (root.split(), root.split())
    let drawn = Set((0..<1000).map { _ in left.next() })
    #expect((0..<1000).allSatisfy { _ in !drawn.contains(right.next()) })
  }
}
