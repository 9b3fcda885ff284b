/// How many architectures a space has, and what else was counted on the way there.
///
/// The entry of a space declares them, and whoever prints them knows no space.
public struct ArchitectureCounts: Sendable {
  /// One thing that is counted, in a part of the network and in the whole of it.
  public struct Row: Sendable {
    /// The thing in words: `with a path from input to output`.
    public let name: String
    /// Its name in files: `withPath`.
    public let key: String
    /// How many there are in a part.
    public let ofPart: ExactCount
    /// How many there are in all parts together.
    public let ofAll: ExactCount

    /// Creates a row.
    public init(_ name: String, key: String, ofPart: ExactCount, ofAll: ExactCount) {
      (self.name, self.key, self.ofPart, self.ofAll) = (name, key, ofPart, ofAll)
    }
  }

  /// How many architectures there are.
  public let total: ExactCount
  /// How the total comes about, the total among it: `topologies: 4096 = 2^12, ...`.
  public let words: String
  /// What is counted, as the head of a column: `graphs`.
  public let things: String
  /// A part of the network, and all of them, as heads of columns: `a stage`, `3 stages`.
  public let parts: (one: String, all: String)
  /// The numbers behind the counts, by their names in files.
  public let numbers: [(key: String, value: Int)]
  /// What else was counted.
  public let rows: [Row]

  /// Creates counts.
  public init(
    total: ExactCount, words: String, things: String, parts: (one: String, all: String),
    numbers: [(key: String, value: Int)], rows: [Row]
  ) {
    (self.total, self.words, self.things, self.parts) = (total, words, things, parts)
    (self.numbers, self.rows) = (numbers, rows)
  }
}
