import Runs
import SearchSpaces
import TopologicalSimplification

/// The cost of a space as `toponas cost --json` prints it.
struct SpaceCostSummary: Encodable {
  let space: String
  let channels: Int
  let cells: Int
  let classes: Int
  let batch: Int
  /// Edges, cells, and all edges of the supernet.
  let parts: [Part]
  let before: Supernet
  let after: Supernet
  /// MACs of all operations, and of what is not searched, before the simplification.
  let searchedMacs: Int
  let otherMacs: Int
  /// How many networks there are, all digits, where a derived edge may keep any number of operations, or where the edges
  /// are what is searched.
  let architectures: String?
  /// How many graphs the edges of all stages can be, where the edges are what is searched.
  let graphs: Graphs?

  /// Counts of graphs, all digits.
  struct Graphs: Encodable {
    let stages: Int
    let edges: Int
    let optionalEdges: Int
    let all: String
    let withPath: String
    let withEveryNodeOnAPath: String
    let withChain: String
  }

  /// A part of the supernet.
  struct Part: Encodable {
    let name: String
    let before: ModuleCounts
    let after: ModuleCounts
  }

  /// The whole supernet.
  struct Supernet: Encodable {
    let macs: Int
    let parameters: Int
    let logits: Int
    /// Bytes that tensors hold at the peak of a search step, predicted; a lower bound where that is more than this
    /// machine has.
    let predictedPeakBytes: Int
  }

  init(_ result: SpaceCost) {
    (space, channels, cells) = (result.space, result.channels, result.cells)
    (classes, batch) = (result.images.classes, result.batch)
    parts = result.parts.map { name, costs in
      Part(name: name, before: ModuleCounts(costs.before), after: ModuleCounts(costs.after))
    }
    before = Supernet(result.supernet.before, result.peakBytes.before)
    after = Supernet(result.supernet.after, result.peakBytes.after)
    (searchedMacs, otherMacs) = result.searchedMacs
    architectures = result.architectureCount.map { "\($0)" }
    graphs = result.topologies.map(Graphs.init)
  }
}

extension SpaceCostSummary.Graphs {
  fileprivate init(_ layout: TopologyAugmentedSpace) {
    (stages, edges, optionalEdges) = (layout.stages, layout.edges.count, layout.optionalEdges)
    all = "\(layout.inAllStages(\.all))"
    withPath = "\(layout.inAllStages(\.withPath))"
    withEveryNodeOnAPath = "\(layout.inAllStages(\.withEveryNodeOnAPath))"
    withChain = "\(layout.inAllStages(\.withChain))"
  }
}

extension SpaceCostSummary.Supernet {
  fileprivate init(_ cost: SupernetCost, _ peakBytes: Int) {
    (macs, parameters, logits) = (cost.macs, cost.parameters, cost.logits)
    predictedPeakBytes = peakBytes
  }
}
