import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Sampled training and the score by shared weights: C-2, C-3, C-9.
@Suite("ST-NAS: shared weights")
struct STNASSharedScoreTests {
  private let golden: GoldenCase
  init() throws { golden = try GoldenFile("methods-next-golden")["stnas-score"] }

  private static let layout = TopologyAugmentedSpace(
    stages: 2, lastNode: 2, longestSkip: 2, module: .convolution(kernel: 3))
  private static let space = layout.searchSpace
  private static let seed = RandomGenerator(seed: 1)
  private let network = CellSupernet<Topology>(
    Self.space, channels: 4, cells: 2, classes: 10, seed: Self.seed)
  private let images = SyntheticImages.make(count: 16, seed: 1)

  /// The bits of the two stages.
  private func path(_ bits: [Bool]) -> SampledPath {
    SampledPath(Topology(bits.map { [$0] }, of: Self.layout).choices, of: Self.space)
  }

  private func batch(_ index: Int = 0) -> Batch {
    BatchLoader(images, batchSize: 8, generator: Self.seed).epoch(0)[index]
  }

  // MARK: C-2

  @Test func eqC2_golden() throws {
    let accuracy = try golden.tensor("accuracy").doubles
    let scores = (1...4).flatMap { count in
      (0..<5).map { a in sharedScore((0..<count).map { accuracy[5 * $0 + a] }) }
    }
    expectClose(scores, try golden.tensor("score").doubles, absolute: 1e-5, relative: 1e-6)
    let alone = try golden.vector("standAlone")
    let kendall = (0..<4).map { rankCorrelation(Array(scores[5 * $0..<5 * $0 + 5]), alone) }
    expectClose(kendall, try golden.vector("kendall"), absolute: 1e-9)
    let errors = (0..<5).map { a in standardError((0..<4).map { accuracy[5 * $0 + a] }) }
    expectClose(errors, try golden.vector("standardError"), absolute: 1e-6)
  }

  /// 4,000 scores of independent accuracies: the standard error of their variance is 2.2 %.
  @Test(arguments: [1, 4, 16]) func eqC2_theVarianceFallsAsOneOverM(_ samples: Int) {
    var generator = Self.seed.stream("accuracies", samples)
    let scores = (0..<4000).map { _ in
      sharedScore((0..<samples).map { _ in 0.7 + 0.1 * Double(generator.normal()) })
    }
    let mean = sharedScore(scores)
    let variance = scores.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 4000
    expectClose(variance, 0.01 / Double(samples), absolute: 0, relative: 0.1)
    expectClose(mean, 0.7, absolute: 0.01)
  }

  @Test func eqC2_limit_oneSampleIsTheUsualScore() {
    #expect(sharedScore([0.625]) == 0.625)
  }

  @Test func eqC2_invariant_theOrderOfTheSamplesDoesNotMatter() {
    expectClose(sharedScore([0.5, 0.25, 0.75]), sharedScore([0.75, 0.5, 0.25]), absolute: 1e-12)
  }

  /// The best of several is larger the more there are, and its variance does not fall as 1 / M.
  @Test func eqC2_negative_neitherTheBestNorTheLastSampleCounts() throws {
    let accuracy = try golden.tensor("accuracy").doubles
    let last = Array(accuracy.suffix(5))
    let best = (0..<5).map { a in (0..<4).map { accuracy[5 * $0 + a] }.max() ?? 0 }
    let right = Array(try golden.tensor("score").doubles.suffix(5))
    #expect(zip(last, right).contains { abs($0 - $1) > 1 })
    #expect(zip(best, right).allSatisfy { $0 > $1 })
  }

  // MARK: C-3

  @Test func eqC3_onlyTheWeightsOfTheSampleMove() {
    let (result, parameters) = (
      sampledGradients(of: network, batch(), path([true, false])), network.parameters
    )
    let used = Set(result.places)
    // Of the second stage the optional edge is off, and nothing else.
    let unused = parameters.indices.filter { !used.contains($0) }.map { parameters[$0].name }
    #expect(unused == ["cells.1.edge0to2.nor_conv_3x3.conv.weight"])
    let before = parameters.map(\.value)
    var sgd = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    var sgld = SGLD(learningRate: 0.1, weightDecay: 0.1, examples: 8, noise: Self.seed)
    sgd.step(parameters, result.gradients, at: result.places)
    sgd.step(parameters, result.gradients, at: result.places)
    sgld.step(parameters, result.gradients, at: result.places)
    let moved = parameters.indices.filter { parameters[$0].value != before[$0] }
    #expect(Set(moved) == used)
  }

  @Test func eqC3_gradient_itIsThatOfAllWeightsWithoutTheZeros() {
    let path = path([false, true])
    let all = lossAndGradients(of: network, batch(), path, differentiating: network.parameters)
    let sampled = sampledGradients(of: network, batch(), path)
    #expect(sampled.loss == Double(all.loss) && sampled.correct == all.correct)
    #expect(sampled.gradients == sampled.places.map { all.gradients[$0] })
    let rest = Set(all.gradients.indices).subtracting(sampled.places)
    #expect(!rest.isEmpty && rest.allSatisfy { all.gradients[$0].dot(all.gradients[$0]) == 0 })
  }

  @Test func eqC3_invariant_unsampledStatisticsStay() {
    let before = network.buffers.map(\.value)
    _ = sampledGradients(of: network, batch(), path([false, false]))
    let changed = network.buffers.indices.filter { network.buffers[$0].value != before[$0] }
    let names = Set(changed.map { network.buffers[$0].name })
    #expect(!names.contains { $0.contains("edge0to2") })
    #expect(names.contains { $0.contains("edge0to1") })
  }

  /// 4,000 draws of four topologies: the standard error of a share is 0.7 %.
  @Test func eqC3_everyTopologyIsDrawnAlike() {
    var generator = Self.seed.stream("draws")
    let genes = Genes(Self.space)
    let drawn = (0..<4000).map { _ in
      Topology(genes.derivedEdges(genes.uniform(using: &generator)), of: Self.space)
    }
    let counts = Dictionary(grouping: drawn, by: \.bits).mapValues(\.count)
    #expect(counts.count == 4 && counts.values.allSatisfy { abs($0 - 1000) < 120 })
  }

  /// A gradient of 0 is not the absence of one: decay and momentum move what was not sampled.
  @Test func eqC3_negative_zerosAsGradientsMoveTheOtherWeights() {
    let (parameters, result) = (
      network.parameters,
      lossAndGradients(
        of: network, batch(), path([true, false]), differentiating: network.parameters)
    )
    let before = parameters.map(\.value)
    var sgd = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    sgd.step(parameters, result.gradients)
    #expect(parameters.indices.allSatisfy { parameters[$0].value != before[$0] })
  }

  // MARK: C-9

  @Test func eqC9_whichStepsGiveASample() {
    let sampling = WeightSampling(burnIn: 3, interval: 2, samples: 4)
    #expect(sampling.steps == 11)
    let kept = (0...12).filter { sampling.sample(after: $0) != nil }
    #expect(kept == [5, 7, 9, 11], "none of the burn-in, and M in all")
    #expect(kept.compactMap { sampling.sample(after: $0) } == [0, 1, 2, 3])
    let every = WeightSampling(burnIn: 0, interval: 1, samples: 2)
    #expect((0...3).map { every.sample(after: $0) } == [nil, 0, 1, nil])
  }

  private func scores(_ path: SampledPath) -> Tensor {
    network(batch(1).images, path, in: ForwardPass(.evaluation)).value
  }

  @Test func eqC9_theStatisticsAreThoseOfTheBatches() throws {
    let path = path([true, true])
    recalibrate(network, path, on: [batch(0), batch(1)])
    // The stem's mean is that of its convolution over both batches.
    let kernel = try #require(network.parameters.first { $0.name == "stem.conv.weight" })
    let means = [batch(0), batch(1)].map { batch in
      let y = convolution(.constant(batch.images), .constant(kernel.value), Window(3))
      return ChannelMoments.of(y.value).mean
    }
    let found = try #require(network.buffers.first { $0.name == "stem.bn.runningMean" })
    for channel in 0..<4 {
      let mean = (Double(means[0][channel]) + Double(means[1][channel])) / 2
      expectClose(Double(found.value[channel]), mean, absolute: 1e-5, relative: 1e-4)
    }
  }

  @Test func eqC9_invariant_whatWasMeasuredBeforeDoesNotMatter() {
    let (a, b) = (path([true, false]), path([false, true]))
    recalibrate(network, a, on: [batch(0)])
    let alone = scores(a)
    recalibrate(network, b, on: [batch(1)])
    recalibrate(network, a, on: [batch(0)])
    #expect(scores(a) == alone)
  }

  @Test func eqC9_weightsStay() {
    let before = network.parameters.map(\.value)
    recalibrate(network, path([true, true]), on: [batch(0), batch(1)])
    #expect(network.parameters.map(\.value) == before)
  }

  /// The statistics of another architecture, or of other weights, give other scores.
  @Test func eqC9_negative_staleStatisticsAreCaught() {
    let (a, b) = (path([true, true]), path([false, false]))
    recalibrate(network, a, on: [batch(0)])
    let right = scores(a)
    recalibrate(network, b, on: [batch(0)])
    let difference = largestDifference(scores(a), right)
    #expect(difference > 1e-3, "of an architecture without the optional edges")
    recalibrate(network, a, on: [batch(0)])
    for parameter in network.parameters { parameter.value.scale(by: 1.5) }
    let stale = scores(a)
    recalibrate(network, a, on: [batch(0)])
    #expect(largestDifference(scores(a), stale) > 1e-2, "of the weights before")
  }
}
