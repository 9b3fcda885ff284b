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
  /// What else the space counts of its architectures, where it counts at all.
  let graphs: Counts?

  /// Numbers, and counts with all their digits, by names that the space gives them.
  struct Counts: Encodable {
    fileprivate struct Key: CodingKey {
      let stringValue: String
      var intValue: Int? { nil }
      init(stringValue: String) { self.stringValue = stringValue }
      init?(intValue: Int) { nil }
    }

    let counts: ArchitectureCounts

    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: Key.self)
      for (key, value) in counts.numbers {
        try container.encode(value, forKey: Key(stringValue: key))
      }
      for row in counts.rows {
        try container.encode("\(row.ofAll)", forKey: Key(stringValue: row.key))
      }
    }
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
    graphs = result.counts.map(Counts.init)
  }
}

extension SpaceCostSummary.Supernet {
  fileprivate init(_ cost: SupernetCost, _ peakBytes: Int) {
    (macs, parameters, logits) = (cost.macs, cost.parameters, cost.logits)
    predictedPeakBytes = peakBytes
  }
}
