import Autodiff
import NeuralNetworks
import SearchMethods
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// DARTS-: D7-1 and D7-2.
@Suite("DARTS-")
struct DARTSMinusTests {
  private let form = AuxiliarySkips()

  private func cell(_ space: SearchSpace, kind: Int) -> SearchCell {
    SearchCell(space, kind: kind, channels: 4, name: "c", seed: RandomGenerator(seed: 1))
  }

  private func inputs(_ space: SearchSpace) -> [Variable] {
    (0..<space.inputCount).map { .constant(sample([2, 8, 8, 4], $0)) }
  }

  private func nodes(
    _ space: SearchSpace, kind: Int, alpha: Tensor, weight: Scalar,
    _ mode: ForwardPass.Mode = .training
  ) -> [Tensor] {
    let weights = RelaxedArchitecture(
      logits: .constant(alpha), relaxation: SoftmaxRelaxation(auxiliaryWeight: weight))
    return cell(space, kind: kind)(inputs(space), weights, in: ForwardPass(mode)).map(\.value)
  }

  private static let spaces: [(space: SearchSpace, kind: Int)] = [
    (.nasBench201, 0), (.darts, 0), (.darts, 1),
  ]

  /// In an evaluation too: the network has been trained with them.
  @Test(arguments: spaces.indices, [false, true])
  func eqD7_1_everyNodeHasTheSkipConnectionsBesideItsEdges(_ index: Int, _ isSimplified: Bool) {
    let (plain, kind) = Self.spaces[index]
    let space = isSimplified ? Simplifier().simplify(plain) : plain
    let alpha = sample([space.edges.count, space.primitives.count], 3)
    let weights = RelaxedArchitecture(logits: .constant(alpha), relaxation: SoftmaxRelaxation())
    /// What a path of the cell makes of x; its weights follow from its name.
    func value(
      _ path: Path, _ edge: Int, _ suffix: String = "", of x: Tensor, _ mode: ForwardPass.Mode
    ) -> Tensor {
      let (source, target) = (space.edges[edge].source, space.edges[edge].target)
      let network = PathNetwork(
        path, channels: 4, name: "c.edge\(source)to\(target)\(suffix)",
        seed: RandomGenerator(seed: 1))
      return network(.constant(x), weights, edge: edge, in: ForwardPass(mode)).value
    }
    for mode in [ForwardPass.Mode.training, .evaluation] {
      let nodes = nodes(space.with(form), kind: kind, alpha: alpha, weight: 0.7, mode)
      for target in space.inputCount..<space.nodeCount {
        var expected = Tensor.zeros(nodes[target].shape)
        for edge in space.edges.indices where space.edges[edge].target == target {
          let x = nodes[space.edges[edge].source]
          let isHalved = kind == 1 && space.edges[edge].source < 2
          let skip =
            plain.name == "darts"
            ? SearchSpace.dartsPath(.skipConnect, stride: isHalved ? 2 : 1)
            : SearchSpace.nasBench201Path(.skipConnect)
          expected += value(space.cells[kind].operations[edge].path, edge, of: x, mode)
          expected += 0.7 * value(skip, edge, ".auxiliary", of: x, mode)
        }
        expectClose(
          nodes[target], expected, absolute: 1e-4, relative: 1e-4, "node \(target), \(mode)")
      }
      let without = self.nodes(space, kind: kind, alpha: alpha, weight: 0, mode)
      let first = space.inputCount
      #expect(largestDifference(nodes[first], without[first]) > 0.1)
    }
  }

  @Test func eqD7_1_atStrideTwoItIsAFactorizedReductionOfItsOwn() {
    let space = SearchSpace.darts
    let names = Set(cell(space.with(form), kind: 1).parameters.map(\.name))
      .subtracting(cell(space, kind: 1).parameters.map(\.name))
    // The 8 edges from the two inputs; each has two kernels.
    #expect(names.count == 16 && names.allSatisfy { $0.contains(".auxiliary.skip_connect.fr.") })
    #expect(
      cell(space.with(form), kind: 0).parameters.count == cell(space, kind: 0).parameters.count,
      "an identity has no weights")
  }

  @Test func eqD7_1_gradients() {
    let space = SearchSpace.nasBench201.with(form)
    let cell = cell(space, kind: 0)
    expectGradients(at: [sample([1, 4, 4, 4], 1), sample([6, 5], 2)]) { inputs in
      let weights = RelaxedArchitecture(
        logits: inputs[1], relaxation: SoftmaxRelaxation(auxiliaryWeight: 0.6))
      return cell([inputs[0]], weights, in: ForwardPass(.training))[3]
    }
  }

  @Test func eqD7_1_limit_withTheWeightZeroItIsDARTS() {
    let alpha = sample([6, 5], 3)
    let plain = nodes(.nasBench201, kind: 0, alpha: alpha, weight: 0)
    let ours = nodes(SearchSpace.nasBench201.with(form), kind: 0, alpha: alpha, weight: 0)
    expectClose(ours, plain, absolute: 1e-6)
  }

  @Test func eqD7_1_negative_itIsNoCandidate() {
    // The derivation does not see it: neither weights nor rows change.
    let network = NASBench201Supernet(
      SearchSpace.nasBench201.with(form), channels: 2, cellsPerStage: 1, classes: 10,
      seed: RandomGenerator(seed: 1))
    network.alpha.value = sample([6, 5], 3)
    #expect(network.architectureParameters.count == 1)
    #expect(network.logCandidateWeights[0] == network.alpha.value.logSoftmax())
    #expect(
      network.genotype
        == NASBench201Genotype(
          logits: network.alpha.value, primitives: SearchSpace.nasBench201.primitives))
  }

  @Test(arguments: zip(AuxiliaryDecay.allCases, ["linear", "cosine", "halfCosine"]))
  func eqD7_2_golden(_ decay: AuxiliaryDecay, _ name: String) throws {
    let test = try GoldenFile("methods-golden")["dartsminus-schedule"]
    let epochs = try test.integer("epochs")
    let shares = try test.vector("epoch").map { decay.share(epoch: Int($0), of: epochs) }
    expectClose(shares, try test.vector(name), absolute: 1e-12)
  }

  @Test func eqD7_2_invariant_theWeightFallsFromItsFirstToZero() {
    for decay in AuxiliaryDecay.allCases {
      let shares = (0...50).map { decay.share(epoch: $0, of: 50) }
      #expect(zip(shares, shares.dropFirst()).allSatisfy { $0 > $1 })
      expectClose([shares[0], shares[50]], [1, 0])
    }
  }

  @Test(arguments: SearchPass.allCases)
  func eqD7_2_inEveryPassTheRelaxationCarriesTheWeightOfTheEpoch(_ pass: SearchPass) {
    let weights = [0, 5].map { epoch in
      DARTSMinus(firstWeight: 2).relaxation(
        for: pass, at: SearchMoment(epoch: epoch, of: 10), parameters: []
      ).auxiliaryWeight
    }
    #expect(weights == [2, 1])
  }

  @Test func eqD7_2_negative_halfTheCosineIsNotTheCosine() {
    #expect(AuxiliaryDecay.halfCosine.share(epoch: 25, of: 50) > 0.7)
    expectClose(AuxiliaryDecay.cosine.share(epoch: 25, of: 50), 0.5)
  }
}
