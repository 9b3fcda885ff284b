import Autodiff
import Foundation
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The search space: what it costs (B-4, B-11), and what its modules are (B-12).
@Suite("GOLD-NAS: the search space")
struct GOLDNASSpaceTests {
  private let seed = RandomGenerator(seed: 1)

  // MARK: B-11

  /// Counted over the modules of the supernet, and by the formula of a chain.
  @Test(arguments: [(36, 14), (16, 14), (16, 8), (4, 5), (6, 3)])
  func eqB11_theSupernetCostsWhatTheChainDoes(_ channels: Int, _ cells: Int) {
    let cost = supernetCost(of: .goldNAS(cells: cells), channels: channels, cells: cells)
    let chain = GatedChain(channels: channels, cells: cells)
    expectClose(Double(cost.edges.macs) / 1e6, chain.gatedCost, absolute: 1e-9)
    // The chain does not count the biases of the classifier.
    let rest = cost.macs - cost.edges.macs - 10
    expectClose(Double(rest) / 1e6, chain.baseCost, absolute: 1e-9)
  }

  @Test func eqB11_limit_aCellOfTheSpaceHasTheGatesOfTheChain() {
    let (space, chain) = (SearchSpace.goldNAS(cells: 6), GatedChain(channels: 8, cells: 6))
    #expect(space.edges.map(\.target) == GatedChain.targets)
    #expect(space.primitives == [.skipConnect, .sepConv3x3])
    let plan = space.plan(channels: 8, cells: 6).cells
    for kind in 0..<6 {
      let (size, operations) = (plan[kind].size, space.cells[kind].operations)
      #expect(plan[kind].kind == .cell(kind))
      #expect(space.cells[kind].isReduction == chain.cells[kind].isReduction)
      let costs = space.edges.indices.flatMap { edge -> [Double] in
        guard case .choice(let branches) = operations[edge].path else { return [] }
        let isHalved = space.cells[kind].isReduction && space.edges[edge].source >= 2
        return branches.map {
          Double(cost(of: $0.path, at: isHalved ? size.halved : size).macs) / 1e6
        }
      }
      expectClose(costs, chain.gatedCell(kind).costs, absolute: 1e-12)
    }
  }

  // MARK: B-12

  @Test func eqB12_theSkipConnectionIsNormalized() {
    let path = SearchSpace.goldNASPath(.skipConnect)
    #expect(path.modules.map(\.signature) == ["identity", "BN"] && path.isSkip)
    let network = PathNetwork(path, channels: 3, name: "skip", seed: seed)
    let x = Variable.constant(5 * sample([4, 3, 3, 3], 1))
    let output = network(x, nil, in: ForwardPass(.training)).value
    let moments = (0..<3).map { channel in
      let values = (0..<36).map { Double(output[3 * $0 + channel]) }
      let mean = values.reduce(0, +) / 36
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 36)
    }
    for (mean, variance) in moments {
      expectClose(mean, 0, absolute: 1e-5)
      expectClose(variance, 1, absolute: 1e-3)
    }
    expectClose(network.plainValue(x, nil, in: ForwardPass(.training)).value, output)
  }

  @Test func eqB12_limit_onlyTheSkipOfStrideOneDiffersFromDARTS() {
    for stride in [1, 2] {
      for primitive in GOLDNASGenotype.operations where primitive != .skipConnect || stride == 2 {
        #expect(
          SearchSpace.goldNASPath(primitive, stride: stride).modules.map(\.signature)
            == SearchSpace.dartsPath(primitive, stride: stride).modules.map(\.signature))
      }
    }
    let space = SearchSpace.goldNAS(cells: 3)
    let pool = space.derivedPath(.maxPool3x3, stride: 1)
    #expect(pool.modules.map(\.signature).last == "BN", "in a derived cell too")
  }

  /// In the supernet and in the network that is trained: only stem, heads and classifier have gains and biases.
  @Test func eqB12_noBatchNormOfACellHasGainAndBias() throws {
    let genotype = GOLDNASGenotype(
      Array(
        repeating: [.init(.skipConnect, from: 0, to: 2), .init(.sepConv3x3, from: 1, to: 2)],
        count: 3))
    let derived = DerivedNetwork(
      genotype, channels: 2, cells: 3, classes: 10, hasAuxiliaryHead: true, seed: seed)
    let supernet = CellSupernet<GOLDNASGenotype>(
      .goldNAS(cells: 3), channels: 2, cells: 3, classes: 10, hasAuxiliaryHead: true, seed: seed)
    for names in [derived.parameters.map(\.name), supernet.parameters.map(\.name)] {
      let gains = names.filter { $0.hasSuffix(".gain") }
      #expect(gains == ["stem.bn.gain", "auxiliary.narrow.bn.gain", "auxiliary.wide.bn.gain"])
    }
    let counted = networkCost(of: genotype, channels: 2, cells: 3, auxiliary: true).parameters
    #expect(derived.parameters.reduce(0) { $0 + $1.value.shape.count } == counted)
  }

  @Test func eqB12_negative_aSkipWithoutBatchNormPassesTheMapOn() {
    let x = Variable.constant(5 * sample([4, 3, 3, 3], 1))
    let outputs = [SearchSpace.goldNASPath(.skipConnect), SearchSpace.dartsPath(.skipConnect)].map {
      PathNetwork($0, channels: 3, name: "skip", seed: seed)(x, nil, in: ForwardPass(.training))
        .value
    }
    #expect(outputs[1] == x.value && outputs[0] != x.value)
  }

  // MARK: The supernet

  @Test func `every cell has an architecture parameter of its own`() {
    let supernet = CellSupernet<GOLDNASGenotype>(
      .goldNAS(cells: 4), channels: 2, cells: 4, classes: 10, seed: seed)
    #expect(
      supernet.architectureParameters.map(\.name) == (0..<4).map { "alpha.cell\($0)" })
    #expect(supernet.architectureParameters.allSatisfy { $0.value.shape == [14, 2] })
    #expect(supernet.genotype.connections.map(\.count) == [8, 8, 8, 8])
  }

  @Test func `the enlarged space has the operations of DARTS but none`() {
    let space = SearchSpace.goldNAS(cells: 3, candidates: .ofDARTS)
    #expect(space.primitives == SearchSpace.darts.primitives.filter { $0 != .none })
    #expect(
      space.primitives + space.otherOperations.map(\.primitive) == GOLDNASGenotype.operations)
    let own = SearchSpace.goldNAS(cells: 3)
    #expect(
      Set(own.primitives + own.otherOperations.map(\.primitive)) == Set(GOLDNASGenotype.operations))
  }

  @Test func `an auxiliary head gives scores in training and changes no others`() {
    func supernet(_ hasHead: Bool) -> CellSupernet<GOLDNASGenotype> {
      CellSupernet(
        .goldNAS(cells: 3), channels: 2, cells: 3, classes: 10, hasAuxiliaryHead: hasHead,
        seed: seed)
    }
    let (with, without) = (supernet(true), supernet(false))
    let images = sample([2, 32, 32, 3], 1)
    for mode in [ForwardPass.Mode.training, .evaluation] {
      let scores = with.allScores(images, SoftmaxRelaxation(), in: ForwardPass(mode))
      let others = without.allScores(images, SoftmaxRelaxation(), in: ForwardPass(mode))
      #expect(scores.scores.value == others.scores.value && others.auxiliaryScores == nil)
      #expect((scores.auxiliaryScores?.shape == [2, 10]) == (mode == .training))
    }
  }
}

/// How derived cells are trained: B-19.
@Suite("GOLD-NAS: training of what was found")
struct GOLDNASTrainingTests {
  private let settings = TrainingSettings(
    SpaceEntry.goldNAS.trainingRecipe, epochs: 600, batchSize: 96)

  @Test func eqB19_theRecipe() {
    #expect(settings.learningRate == 0.025 && settings.gradientClip == 5)
    #expect(settings.momentum == 0.9 && !settings.isNesterov && settings.weightDecay == 3e-4)
    #expect(settings.auxiliaryWeight == 0.4 && settings.cutout == 16 && settings.dropPath == 0.2)
  }

  @Test func eqB19_theCosineIsTakenBeforeTheEpoch() {
    for epoch in [0, 1, 150, 300, 599] {
      let (learningRate, dropPath) = settings.rates(inEpoch: epoch)
      let cosine = cos(Double.pi * Double(epoch) / 600)
      expectClose(learningRate, 0.0125 * (1 + cosine), absolute: 1e-12)
      expectClose(dropPath, 0.2 * Double(epoch) / 600, absolute: 1e-12)
    }
  }

  @Test func eqB19_limit_noEpochStandsStillAndTheFirstDropsNothing() {
    let first = settings.rates(inEpoch: 0)
    #expect(first.learningRate == 0.025 && first.dropPath == 0)
    let last = settings.rates(inEpoch: 599)
    #expect(0 < last.learningRate && last.learningRate < 1e-6 && last.dropPath < 0.2)
  }

  @Test func eqB19_negative_theCosineAfterTheEpochWouldStandStillInTheLast() {
    let wrong = settings.rates(inEpoch: 600)
    expectClose(wrong.learningRate, 0, absolute: 1e-12)
    #expect(settings.rates(inEpoch: 1).learningRate < 0.025, "the second epoch has less")
  }
}
