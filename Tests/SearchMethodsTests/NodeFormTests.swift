import Autodiff
import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// Node forms and derivations that no published method has.
@Suite("Node forms and derivations")
struct NodeFormTests {
  /// Each edge of a node is multiplied by exp(gamma_e), with a number per node besides.
  private struct FreeShares: NodeForm {
    func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] {
      [
        ArchitectureParameter("nodes", shape: [3], deviation: 0),
        ArchitectureParameter("gamma", shape: [edges.count]),
      ]
    }
    func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable? {
      parameters[1]
    }
  }

  /// Keeps nothing but the last edge of a cell, with its last candidate.
  private struct LastEdge: Derivation {
    func edges(_ evidence: CellEvidence) -> [DerivedEdge] {
      [
        DerivedEdge(
          edge: evidence.edges.count - 1, candidate: evidence.primitives.count - 1)
      ]
    }
  }

  private func network(_ space: SearchSpace) -> NASBench201Supernet {
    NASBench201Supernet(
      space, channels: 2, cellsPerStage: 1, classes: 10, seed: RandomGenerator(seed: 1))
  }

  @Test func `parameters of nodes come after all alphas and start as they are asked to`() {
    let network = network(SearchSpace.nasBench201.with(FreeShares()))
    #expect(network.architectureParameters.map(\.name) == ["alpha", "nodes", "gamma"])
    #expect(network.architectureParameters[1].value == .zeros([3]))
    let gamma = network.architectureParameters[2].value
    #expect(gamma.shape == [6] && gamma.doubles.allSatisfy { $0 != 0 && abs($0) < 0.01 })
  }

  @Test func `shares of edges reach the result, the derivation and the gradient`() {
    let network = network(SearchSpace.nasBench201.with(FreeShares()))
    let images = sample([2, 8, 8, 3], 1)
    func scores() -> Tensor {
      network(images, SoftmaxRelaxation(), in: ForwardPass(.evaluation)).value
    }
    let before = (scores(), network.logCandidateWeights[0])
    network.architectureParameters[2].value = Tensor(vector: [1, 0, 0, 0, 0, -2])
    #expect(largestDifference(before.0, scores()) > 1e-3)
    let change = (network.logCandidateWeights[0] - before.1).doubles
    expectClose([change[0], change[4], change[29]], [1, 1, -2], absolute: 0.02)
    let pass = ForwardPass(.training, differentiating: network.architectureParameters)
    let loss = sum(network(images, SoftmaxRelaxation(), in: pass))
    let gradients = pass.gradients(of: loss)
    #expect(gradients[1] == .zeros([3]), "the form does not use it")
    #expect(gradients[2].doubles.contains { abs($0) > 1e-6 })
  }

  @Test func `a number per edge is a column of the record, others are not`() {
    let network = network(SearchSpace.nasBench201.with(FreeShares()))
    let record = network.architectureRecord(unit: 7)
    #expect(record.name == "alphas")
    #expect(
      record.columns == ["epoch", "cell", "edge"]
        + SearchSpace.nasBench201.primitives.map(\.rawValue) + ["gamma"])
    #expect(record.rows.count == 6)
    let gamma = network.architectureParameters[2].value
    #expect(
      record.rows[4] == ["7", "cell", "1->3"]
        + (20..<25).map { "\(network.alpha.value[$0])" } + ["\(gamma[4])"])
  }

  /// As many numbers as a cell of NAS-Bench-201 has edges, which are not theirs.
  private struct SixSets: NodeForm {
    func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] {
      [ArchitectureParameter("sets", shape: [6], isPerEdge: false)]
    }
  }

  @Test func `as many numbers as edges need not be numbers of edges`() {
    let network = network(SearchSpace.nasBench201.with(SixSets()))
    #expect(network.architectureParameters.map(\.value.shape) == [[6, 5], [6]])
    #expect(!network.architectureRecord(unit: 1).columns.contains("sets"))
  }

  @Test func `a space may be derived by another rule`() {
    let network = network(SearchSpace.nasBench201.with(LastEdge()))
    #expect(network.genotype.operations == Array(repeating: .none, count: 5) + [.avgPool3x3])
  }

  @Test func `another number of edges may stay at a node`() {
    let evidence = CellEvidence(.darts, logWeights: sample([14, 8], 3).logSoftmax())
    let two = StrongestEdges().edges(evidence)
    let three = StrongestEdges(perNode: 3).edges(evidence)
    #expect(two.count == 8 && three.count == 11, "node 2 has only two")
    for node in 2...5 {
      let places = Set(evidence.incoming(node))
      let kept = two.filter { places.contains($0.edge) }
      #expect(Array(three.filter { places.contains($0.edge) }.prefix(2)) == kept)
    }
  }
}
