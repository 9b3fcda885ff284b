import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

// A space is a list of candidates, a graph of a cell, and how cells are stacked.

/// Two cells that keep the size of the image, then one that halves it.
private struct Pyramid: MacroStructure {
  var evaluationSize: NetworkSize { NetworkSize(channels: 16, cells: 2) }

  func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
    plan.addStem(channels: size.channels)
    for _ in 0..<size.cells { plan.addCell(kind: 0, channels: size.channels) }
    plan.addCell(kind: 1, channels: 2 * size.channels)
    plan.addClassifier()
  }
}

/// ReLU, a depthwise and a pointwise convolution, batch norm.
private func separable(_ kernel: Int) -> Candidate {
  let name: Primitive = "separable_\(kernel)"
  return Candidate(name) { stride in
    .chain([
      ModuleSpec(.relu, of: name, role: "relu"),
      ModuleSpec(
        .convolution(Window(kernel, stride: stride), .depthwise, .own), of: name, role: "depthwise"),
      ModuleSpec(.convolution(Window(1), .dense, .own), of: name, role: "pointwise"),
      ModuleSpec(.batchNorm, of: name, role: "bn"),
    ])
  }
}

extension SearchSpace {
  /// Cells of two inputs and two nodes, each of which keeps its strongest edge.
  fileprivate static let pyramid = SearchSpace(
    "pyramid",
    candidates: [
      separable(3), separable(5),
      Candidate("pool") { .module(ModuleSpec(.averagePool(Window(3, stride: $0)), of: "pool")) },
    ],
    inputCount: 2, nodeCount: 4, kinds: [("flat", false), ("halving", true)],
    output: .concatenation, preprocessesInputs: true, derivation: StrongestEdges(perNode: 1),
    macroStructure: Pyramid())
}

@Suite("A space of one's own")
struct SpaceTests {
  @Test(arguments: [nil, Simplifier()])
  func `it is searched, resumed and reported, plain and simplified`(_ simplifier: Simplifier?)
    throws
  {
    let trial = try tried(.pyramid, simplifiedBy: simplifier)
    #expect(
      trial.search.network.architectureParameters.map(\.name) == ["alpha.flat", "alpha.halving"])
    let genotype = trial.search.results[0]
    #expect(genotype.edgeCount == 4 && genotype.cells.map(\.isReduction) == [false, true])
    #expect(trial.page.contains("halving"))
  }

  @Test func `its separable convolutions share all but their depthwise kernels`() {
    let path = Simplifier().simplify(SearchSpace.pyramid.paths[0]).path
    #expect(cost(of: SearchSpace.pyramid.paths[0]).modules == 9)
    #expect(cost(of: path).modules == 5, "\(path)")
  }
}
