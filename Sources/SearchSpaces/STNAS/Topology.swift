/// An architecture of the topology-augmented space: of each stage, which optional edges it has.
public struct Topology: SpaceGenotype {
  /// The space, for example `TopologyAugmentedSpace.tiny.searchSpace`.
  public let space: SearchSpace
  /// Stage by stage a bit for each optional edge, in the order of the edges.
  public let bits: [[Bool]]

  /// Creates the topology of these bits.
  ///
  /// - Parameters:
  ///   - bits: stage by stage a bit for each optional edge, in the order of the edges.
  ///   - space: the space of a `TopologyAugmentedSpace`.
  public init(_ bits: [[Bool]], of space: SearchSpace) {
    let count = space.optionalEdges.count
    precondition(
      bits.count == space.cells.count && bits.allSatisfy { $0.count == count },
      "expected \(space.cells.count) stages of \(count) bits, found \(bits.map(\.count))")
    self.space = space
    self.bits = bits
  }

  /// The topology of all bits one after the other, which is how a search sees it.
  public init(genome: [Bool], of space: SearchSpace) {
    let count = space.optionalEdges.count
    precondition(
      genome.count == count * space.cells.count,
      "expected \(space.cells.count) times \(count) bits, found \(genome.count)")
    self.init(
      space.cells.indices.map { Array(genome[$0 * count..<($0 + 1) * count]) }, of: space)
  }

  /// The topology of the edges that a derivation keeps.
  public init(_ edges: [[DerivedEdge]], of space: SearchSpace) {
    let bits = edges.map { kept in
      space.optionalEdges.map { edge in
        kept.contains { $0.edge == edge && space.primitives[$0.candidate] != .none }
      }
    }
    self.init(bits, of: space)
  }

  /// All bits, stage by stage.
  public var genome: [Bool] { bits.flatMap { $0 } }

  /// The candidate of every edge, stage by stage: the module of chain edges and of optional edges that are on.
  public var choices: [[Int]] {
    let (none, module) = (space.candidate { $0 == .none }, space.candidate { $0 != .none })
    return bits.map { bits in
      var optional = bits.makeIterator()
      return space.edges.map { edge in
        edge.isChain || optional.next() == true ? module : none
      }
    }
  }

  /// How many edges it has, the chains among them.
  public var edgeCount: Int { cells.reduce(0) { $0 + $1.edges.count } }
  /// The number of skip connections, 0: every edge is a module.
  public var skipCount: Int { 0 }

  /// The stages as graphs.
  public var cells: [CellGraph] {
    choices.enumerated().map { stage, choices in
      let kept = space.edges.indices.filter { space.primitives[choices[$0]] != .none }
      return CellGraph(
        space, kind: stage,
        kept.map { edge in
          let ends = space.edges[edge]
          return (
            space.primitives[choices[edge]], ends, "edge\(ends.source)to\(ends.target)"
          )
        })
    }
  }
}

extension SearchSpace {
  /// The edges that a topology may leave out, as indices.
  var optionalEdges: [Int] { edges.indices.filter { !edges[$0].isChain } }

  fileprivate func candidate(where isWanted: (Primitive) -> Bool) -> Int {
    guard let found = primitives.firstIndex(where: isWanted) else {
      preconditionFailure("\(name) is no topology-augmented space: it has \(primitives)")
    }
    return found
  }
}

// MARK: - Its text

extension Topology: Hashable {
  /// The bits of a stage as digits, the stages between bars: `|0110|1000|0001|`.
  public var description: String {
    "|" + bits.map { $0.map { $0 ? "1" : "0" }.joined() }.joined(separator: "|") + "|"
  }

  /// Reads the text of a topology of `space`; nothing but that exact form is taken.
  public init(parsing text: String, of space: SearchSpace) throws(GenotypeError) {
    let source = SourceText(text)
    var scanner = GenotypeScanner(source)
    do throws(TextError) {
      self.init(try scanner.topology(of: space), of: space)
    } catch { throw GenotypeError(error, in: source, .cells) }
  }

  /// Whether two topologies are the same in spaces of one name.
  public static func == (a: Topology, b: Topology) -> Bool {
    a.space.name == b.space.name && a.bits == b.bits
  }

  /// Feeds the name of the space and the bits into a hasher.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(space.name)
    hasher.combine(bits)
  }
}

extension GenotypeScanner {
  /// Passes the whole text.
  fileprivate mutating func topology(of space: SearchSpace) throws(TextError) -> [[Bool]] {
    var bits: [[Bool]] = []
    try expect("|")
    for _ in space.cells {
      var stage: [Bool] = []
      for _ in space.optionalEdges { stage.append(try bit()) }
      bits.append(stage)
      try expect("|")
    }
    try expectEnd()
    return bits
  }

  /// Passes 0 or 1.
  private mutating func bit() throws(TextError) -> Bool {
    guard follows("0") || follows("1") else { throw error("0 or 1") }
    let isOn = follows("1")
    try expect(isOn ? "1" : "0")
    return isOn
  }
}
