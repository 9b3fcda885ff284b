import Autodiff
import SearchMethods
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

// A node form says what a node makes of the edges that lead to it.

/// A node that weights its edges by exp(gamma), and does not grow with their number.
private struct ScaledNode: NodeForm {
  func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] {
    [ArchitectureParameter("gamma", shape: [edges.count])]
  }

  func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable? {
    parameters[0]
  }

  func node(_ operated: Variable, _ incoming: IncomingEdges) -> Variable {
    (1 / Scalar(incoming.edges.count).squareRoot()) * operated
  }
}

@Suite("A node form of one's own")
struct NodeFormTests {
  @Test(arguments: [nil, Simplifier()])
  func `it is searched, resumed and reported, plain and simplified`(_ simplifier: Simplifier?)
    throws
  {
    let trial = try tried(SearchSpace.nasBench201.with(ScaledNode()), simplifiedBy: simplifier)
    let network = trial.search.network
    #expect(network.architectureParameters.map(\.name) == ["alpha", "gamma"])
    let gamma = network.architectureParameters[1].value
    #expect(gamma != supernet(network.space).architectureParameters[1].value, "it was trained")
    #expect(trial.search.records[0].columns.last == "gamma")
    #expect(trial.page.contains("val acc"))
  }
}
