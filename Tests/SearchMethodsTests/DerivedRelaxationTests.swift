import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods

/// The derived cell in the network of the search, with its weights.
@Suite("Derived cells with the weights of the search")
struct DerivedRelaxationTests {
  private static let seed = RandomGenerator(seed: 3)
  private let images = sample([2, 16, 16, 3], 5)

  private func scores(_ network: some Supernet, _ relaxation: any Relaxation) -> Tensor {
    network(images, relaxation, in: ForwardPass(.evaluation)).value
  }

  /// Alphas of which one logit per edge is larger than all others by so much that a softmax is 0 and 1.
  private func decide(_ network: some Supernet, _ chosen: (Int) -> Int) {
    for alpha in network.architectureParameters where alpha.value.shape.count > 0 {
      let columns = alpha.value.shape.channels
      alpha.value = Tensor(
        (0..<alpha.value.shape.count).map {
          $0 % columns == chosen($0 / columns) % columns ? 200 : 0
        }, shape: alpha.value.shape)
    }
  }

  /// NASBench-201 keeps every edge, so that a decided supernet is its derived cell.
  @Test(arguments: [false, true])
  func `a decided supernet is the derived cell`(_ isSimplified: Bool) {
    let space = isSimplified ? Simplifier().simplify(.nasBench201) : SearchSpace.nasBench201
    let network = NASBench201Supernet(
      space, channels: 4, cellsPerStage: 1, classes: 10, seed: Self.seed)
    // Between 1 and 4: an edge of none is a case of its own.
    decide(network) { 1 + $0 % 4 }
    let derived = scores(network, DerivedRelaxation(of: network))
    expectClose(scores(network, SoftmaxRelaxation()), derived)
    let open = NASBench201Supernet(
      space, channels: 4, cellsPerStage: 1, classes: 10, seed: Self.seed)
    #expect(
      largestDifference(
        scores(open, SoftmaxRelaxation()), scores(open, DerivedRelaxation(of: open))) > 1e-3,
      "an undecided one is not")
  }

  /// In PC-DARTS three quarters of the channels run beside the operations: those of edges that are left out do not.
  @Test func `an edge that is left out adds nothing, nor does what runs beside it`() {
    let space = PCDARTS().prepare(.nasBench201)
    let network = NASBench201Supernet(
      space, channels: 4, cellsPerStage: 1, classes: 10, seed: Self.seed)
    let path = [0, 2, 5].map { DerivedEdge(edge: $0, candidate: 3) }
    let derived = DerivedRelaxation([path], edges: space.edges.count)
    let shares = derived.edgeShares([], of: space.edges, in: space.nodeForm)
    #expect(shares?.value.doubles == [1, 0, 1, 0, 0, 1])
    let without = scores(network, derived)
    let all = scores(
      network,
      DerivedRelaxation(
        [path + [1, 3, 4].map { DerivedEdge(edge: $0, candidate: 0) }], edges: space.edges.count))
    #expect(
      largestDifference(without, all) > 1e-3, "kept edges of none still carry the other channels")
  }

  /// Where an edge keeps several candidates, each of them counts 1.
  @Test func `an edge may keep several candidates`() {
    let relaxation = DerivedRelaxation(
      [[DerivedEdge(edge: 1, candidate: 0), DerivedEdge(edge: 1, candidate: 2)]], edges: 2)
    let weights = (0..<2).flatMap { edge in
      (0..<3).map { EdgeWeight(edge: edge, weight: ArchitectureWeight([$0], within: [0, 1, 2])) }
    }
    let values = relaxation.forCells(ofKind: 0).values(
      of: weights, logits: .constant(.zeros([2, 3])))
    #expect(values.value.doubles == [0, 0, 0, 1, 0, 1])
  }

  @Test func `the last epoch tells what the derived cell is worth with the weights of the search`()
    throws
  {
    let network = NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: Self.seed)
    let images = SmallImages.make(count: 64, seed: 1)
    let search = try BilevelSearch(
      network, images, SearchSettings(epochs: 2, batchSize: 16), seed: Self.seed)
    var epochs: [EpochMetrics] = []
    try search.run { if case .unit(let metrics) = $0 { epochs.append(metrics) } }
    let halves = try SearchHalves(images, batchSize: 16, seed: Self.seed)
    let accuracy = evaluate(
      network, on: halves.validation, DerivedRelaxation(of: network)
    ).accuracy
    #expect(epochs.map(\.derivedAccuracy) == [nil, accuracy])
    #expect(epochs[0].notes.isEmpty)
    #expect(epochs[1].notes.count == 1 && epochs[1].notes[0].contains("of the derived cell"))
  }
}
