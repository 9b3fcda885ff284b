// From a text, and from a value in it, to a cell of NAS-Bench-201.
extension NASBench201Genotype: ReadableGenotype {
  /// Reads the string of the benchmark; nothing but that exact form is taken.
  ///
  /// `GenotypeText` also takes other forms, and text around the string.
  public init(parsing text: String) throws(GenotypeError) {
    let source = SourceText(text)
    var reader = BarsReader(source, allowsSpaces: false)
    do throws(TextError) {
      self = try reader.genotype()
      guard reader.index == source.scalars.count else { throw reader.error("the end") }
    } catch { throw GenotypeError(error, in: source, .space(SearchSpace.nasBench201.name)) }
  }

  /// The cell that a value stands for; nil if it is something else.
  ///
  /// A list of six names, or, as the benchmark's own program holds a cell, of three nodes with operations and sources.
  init?(_ value: PythonValue) {
    guard let elements = value.elements, elements.count == 3 || elements.count == 6 else {
      return nil
    }
    let operations =
      elements.count == 6
      ? elements.compactMap(\.benchmarkOperation) : Self.operations(of: elements)
    guard operations.count == 6 else { return nil }
    self.init(operations)
  }

  /// The cell of an index, which is a whole number alone; a list of words alone must have six operations.
  static func named(_ text: SourceText) throws(TextError) -> NASBench201Genotype? {
    var reader = PythonReader(text)
    guard let value = try? reader.value(), reader.isAtEnd else { return nil }
    if let index = value.wholeNumber, value.isInteger {
      guard 0..<count ~= index else {
        throw TextError(
          place: value.place, expected: "an index of the benchmark from 0 to \(count - 1)")
      }
      return NASBench201Genotype(index: index)
    }
    if let elements = value.elements, elements.contains(where: { $0.word != nil }) {
      throw TextError(place: value.place, expected: "six operations, the names of \(names)")
    }
    return nil
  }

  /// The string of the benchmark that begins with a bar.
  static func beginning(
    at index: inout Int, of text: SourceText
  ) -> Result<any SpaceGenotype, TextError>? {
    guard text[index] == "|" else { return nil }
    var reader = BarsReader(text, from: index, allowsSpaces: true)
    guard reader.beginsTerm else { return nil }
    defer {
      reader.skipRest()
      index = reader.index
    }
    do throws(TextError) {
      let genotype = try reader.genotype()
      // A cell of another space may have more nodes.
      guard !reader.hasMore else { throw reader.error("the end of the cell") }
      return .success(genotype)
    } catch { return .failure(error) }
  }

  /// The names of the operations, with commas between.
  fileprivate static var names: String {
    SearchSpace.nasBench201.primitives.map(\.rawValue).joined(separator: ", ")
  }

  /// The operations of three nodes, as far as their sources are in order.
  private static func operations(of nodes: [PythonValue]) -> [Primitive] {
    zip(1..., nodes).flatMap { target, node in
      let connections = node.elements ?? []
      return connections.enumerated().compactMap { source, connection -> Primitive? in
        guard let pair = connection.elements, connections.count == target, pair.count == 2,
          pair[1].wholeNumber == source
        else { return nil }
        return pair[0].benchmarkOperation
      }
    }
  }
}

extension PythonValue {
  /// The candidate of NAS-Bench-201 that it names.
  fileprivate var benchmarkOperation: Primitive? {
    word.flatMap { word in
      SearchSpace.nasBench201.primitives.first { $0.rawValue == word.text }
    }
  }
}

/// Reads `|op~0|+|op~0|op~1|+|op~0|op~1|op~2|` from left to right.
private struct BarsReader {
  /// The place of the next scalar.
  private(set) var index: Int
  private let text: SourceText
  private let allowsSpaces: Bool

  /// Starts at an index of `text`; with `allowsSpaces` a line may have been broken.
  init(_ text: SourceText, from index: Int = 0, allowsSpaces: Bool) {
    self.text = text
    self.index = index
    self.allowsSpaces = allowsSpaces
  }

  /// Whether a bar, a name and a tilde follow; a table has bars, too.
  var beginsTerm: Bool {
    var rest = self
    guard (try? rest.expect("|")) != nil else { return false }
    rest.skipSpaces()
    return !rest.name().isEmpty && (try? rest.expect("~")) != nil
  }

  /// Passes the whole string.
  mutating func genotype() throws(TextError) -> NASBench201Genotype {
    var operations: [Primitive] = []
    for target in 1..<4 {
      if target > 1 { try expect("+") }
      try expect("|")
      for source in 0..<target {
        operations.append(try operation())
        try expect("~")
        try expect(Unicode.Scalar(UInt8(ascii: "0") + UInt8(source)))
        try expect("|")
      }
    }
    return NASBench201Genotype(operations)
  }

  /// Whether another node follows.
  var hasMore: Bool {
    var rest = self
    return (try? rest.expect("+")) != nil && rest.beginsTerm
  }

  /// Passes all that can belong to such a string.
  mutating func skipRest() {
    while let next = text[index], next.continuesName || "|~+".unicodeScalars.contains(next) {
      index += 1
    }
  }

  /// That `expected` is not what follows.
  func error(_ expected: String) -> TextError {
    TextError(place: text.place(of: index), expected: expected)
  }

  private mutating func operation() throws(TextError) -> Primitive {
    skipSpaces()
    let wrong = error("one of \(NASBench201Genotype.names)")
    let name = name()
    guard let found = SearchSpace.nasBench201.primitives.first(where: { $0.rawValue == name })
    else { throw wrong }
    return found
  }

  private mutating func name() -> String {
    let start = index
    while text[index]?.continuesName ?? false { index += 1 }
    return text.text(start..<index)
  }

  private mutating func expect(_ mark: Unicode.Scalar) throws(TextError) {
    skipSpaces()
    guard text[index] == mark else { throw error("'\(mark)'") }
    index += 1
  }

  /// Passes spaces, and the backslashes that stand before bars in some tables.
  private mutating func skipSpaces() {
    while allowsSpaces, let next = text[index], next.isSpace || next == "\\" { index += 1 }
  }
}
