/// How the genotypes of a space are written, and by which names they are known.
///
/// A space declares it in its entry. How texts are read is what its genotype says as a `ReadableGenotype`.
public struct GenotypeTexts: Sendable {
  /// What one looks like, for a hint: `cells of DARTS are Genotype(normal=...)`.
  public let hint: String
  /// The names of published genotypes, which are read as the genotypes themselves.
  public let names: [String]
  /// The formats that hold genotypes of the space, the usual one first.
  public let formats: [GenotypeFormat]

  /// Creates the texts of a space.
  public init(hint: String, names: [String] = [], formats: [GenotypeFormat]) {
    (self.hint, self.names, self.formats) = (hint, names, formats)
  }

  /// The hint with all names: `cells of DARTS are Genotype(normal=...), or a name: NASNet, ...`.
  public var fullHint: String {
    names.isEmpty ? hint : "\(hint), or a name: \(names.joined(separator: ", "))"
  }
}

/// A text format of the genotypes of one space.
public struct GenotypeFormat: Sendable {
  /// Why it cannot hold all genotypes of its space, and which format can.
  public struct Limit: Equatable, Sendable {
    /// What it needs.
    public let expected: String
    /// What other genotypes have in its place.
    public let found: String
    /// The name of the format that holds those too.
    public let other: String
    /// Why that one can.
    public let reason: String

    /// Creates a limit.
    public init(expected: String, found: String, other: String, reason: String) {
      (self.expected, self.found) = (expected, found)
      (self.other, self.reason) = (other, reason)
    }
  }

  /// The name on a command line: `pt.darts`.
  public let name: String
  /// What it is, in a few words for the help.
  public let summary: String
  /// Why it cannot hold all genotypes of its space; nil if it can.
  public let limit: Limit?
  private let write: @Sendable (any SpaceGenotype) -> String?

  /// Creates a format of genotypes of one type; `text` is nil for those that are beyond its limit.
  public init<Genotype: SpaceGenotype>(
    _ name: String, _ summary: String, limit: Limit? = nil,
    text: @escaping @Sendable (Genotype) -> String?
  ) {
    (self.name, self.summary, self.limit) = (name, summary, limit)
    write = { genotype in (genotype as? Genotype).flatMap(text) }
  }

  /// The text; nil if the genotype is one of another space, or beyond the limit.
  public func text(of genotype: any SpaceGenotype) -> String? { write(genotype) }
}
