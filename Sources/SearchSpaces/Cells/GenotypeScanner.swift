/// Reads the text of a genotype from left to right.
///
/// What it reads it passes; at the first wrong character it stops and tells what was expected there.
struct GenotypeScanner {
  private let characters: [Character]
  private var position = 0

  init(text: String) { characters = Array(text) }

  /// That `expected` is not what follows.
  func error(_ expected: String) -> GenotypeError {
    let rest = characters[position...].prefix(12)
    return GenotypeError(
      column: position + 1, expected: expected,
      found: rest.isEmpty ? "the end" : "'\(String(rest))'")
  }

  /// Passes exactly `text`.
  mutating func expect(_ text: String) throws(GenotypeError) {
    for character in text {
      guard position < characters.count, characters[position] == character else {
        throw error("'\(character)'")
      }
      position += 1
    }
  }

  /// Passes the name of one of `candidates`.
  mutating func operation(among candidates: [Primitive]) throws(GenotypeError) -> Primitive {
    let name = characters[position...].prefix { $0.isLetter || $0.isNumber || $0 == "_" }
    guard let found = candidates.first(where: { $0.rawValue == String(name) }) else {
      throw error("one of \(candidates.map(\.rawValue).joined(separator: ", "))")
    }
    position += name.count
    return found
  }

  /// Passes a decimal number in `range`; `what` says what it stands for.
  mutating func number(
    in range: ClosedRange<Int>, _ what: String
  ) throws(GenotypeError) -> Int {
    let digits = String(characters[position...].prefix { $0.isNumber })
    // The comparison refuses what no program writes, such as 02.
    guard let value = Int(digits), String(value) == digits, range ~= value else {
      throw error("\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    position += digits.count
    return value
  }

  /// Whether `character` follows.
  func follows(_ character: Character) -> Bool {
    position < characters.count && characters[position] == character
  }

  /// Passes spaces, tabs and line ends, if there are any.
  mutating func skipSpaces() {
    position += characters[position...].prefix { $0.isWhitespace }.count
  }

  /// Expects that nothing follows.
  func expectEnd() throws(GenotypeError) {
    if position < characters.count { throw error("the end") }
  }
}
