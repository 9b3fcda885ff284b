/// An architecture of the topology-augmented space: of each stage, which optional edges it has.
public struct Topology: SpaceGenotype, Hashable {
  /// The layout of the space.
  public let layout: TopologyAugmentedSpace
  /// Stage by stage a bit for each optional edge, in the order of the edges.
  public let bits: [[Bool]]

  /// Creates the topology of these bits: stage by stage one for each optional edge, in the order of the edges.
  public init(_ bits: [[Bool]], of layout: TopologyAugmentedSpace) {
    precondition(
      bits.map(\.count) == Array(repeating: layout.optionalEdges, count: layout.stages),
      "expected \(layout.stages) stages of \(layout.optionalEdges) bits, found \(bits.map(\.count))"
    )
    self.layout = layout
    self.bits = bits
  }

  /// The topology of the edges that a derivation keeps, in a space of a `TopologyAugmentedSpace`.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    let optional = space.edges.indices.filter { !space.edges[$0].isChain }
    let bits = edges.map { kept in
      optional.map { edge in
        kept.contains { $0.edge == edge && space.primitives[$0.candidate] != .none }
      }
    }
    guard let layout = TopologyAugmentedSpace(layoutOf: space) else {
      preconditionFailure("\(space.name) is no topology-augmented space")
    }
    self.init(bits, of: layout)
  }

  /// The space, not simplified.
  public var space: SearchSpace { layout.searchSpace }
  /// How many stages every network of it has.
  public var ownCellCount: Int? { layout.stages }

  /// The candidate of every edge, stage by stage: 1, the module, of chain edges and of optional edges that are on, and 0,
  /// `none`, of the others.
  public var choices: [[Int]] {
    let edges = layout.edges
    return bits.map { bits in
      var optional = bits.makeIterator()
      return edges.map { $0.isChain || optional.next() == true ? 1 : 0 }
    }
  }

  /// How many edges it has, the chains among them.
  public var edgeCount: Int { choices.joined().reduce(0, +) }
  /// The number of skip connections, 0: every edge is a module.
  public var skipCount: Int { 0 }

  /// The stages as graphs.
  public var cells: [CellGraph] {
    let space = space
    return choices.enumerated().map { stage, choices in
      let kept = zip(space.edges, choices).filter { $0.1 == 1 }.map(\.0)
      return CellGraph(
        space, kind: stage,
        kept.map { (layout.module.primitive, $0, "edge\($0.source)to\($0.target)") })
    }
  }
}

// MARK: - Its text

extension Topology {
  /// The text of a topology.
  static let texts = GenotypeTexts(
    hint:
      "a topology of ST-NAS is Genotype(module='nor_conv_3x3', nodes=5, skips=2, stages=['0110', ...])",
    formats: [
      GenotypeFormat("st-nas", "the text of a topology", text: \Topology.description)
    ])

  /// The bits of each stage as digits: `0110`.
  public var stages: [String] { bits.map { $0.map { $0 ? "1" : "0" }.joined() } }

  /// The layout, and the bits of each stage:
  /// `Genotype(module='nor_conv_3x3', nodes=5, skips=2, stages=['0110', '1000', '0001'])`.
  public var description: String {
    let stages = stages.map { "'\($0)'" }.joined(separator: ", ")
    return
      "Genotype(module='\(layout.module.primitive)', nodes=\(layout.lastNode), "
      + "skips=\(layout.longestSkip), stages=[\(stages)])"
  }

  /// Reads a topology in any form in which Python reads it, with any text around it; of several the last.
  ///
  /// `GenotypeText` describes the forms, and says how many there are.
  public init(parsing text: String) throws(GenotypeError) {
    self = try GenotypeText(text).lastGenotype()
  }
}
