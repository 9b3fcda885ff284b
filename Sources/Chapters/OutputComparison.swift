/// Compares what a cell prints with what its chapter says.
///
/// White space counts as one space. Integers must be equal. Numbers with a point or an exponent agree within 1.5
/// units of the last digit of the expected one, or within 1e-4 of its size. A line that begins with `~`, on
/// either side, agrees with any line.
public enum OutputComparison {
  /// Whether two texts agree.
  public static func agree(_ expected: String, _ printed: String) -> Bool {
    let (expected, printed) = (significantLines(of: expected), significantLines(of: printed))
    return expected.count == printed.count && zip(expected, printed).allSatisfy(linesAgree)
  }

  /// The lines without empty ones at the end.
  static func significantLines(of text: String) -> [Substring] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    while lines.last?.isBlank == true { lines.removeLast() }
    return lines
  }

  private static func linesAgree(_ expected: Substring, _ printed: Substring) -> Bool {
    if expected.hasPrefix("~") || printed.hasPrefix("~") { return true }
    let (a, b) = (PrintedToken.all(of: expected), PrintedToken.all(of: printed))
    return a.count == b.count && zip(a, b).allSatisfy { $0.agrees(with: $1) }
  }
}

/// A number or a piece of other text in a line.
enum PrintedToken: Equatable {
  case text(Substring)
  case integer(Substring)
  case number(Double, unit: Double)

  /// The tokens of a line; white space only separates them.
  static func all(of line: Substring) -> [PrintedToken] {
    line.split(whereSeparator: \.isWhitespace).flatMap(tokens)
  }

  func agrees(with other: PrintedToken) -> Bool {
    guard case .number(let a, let unit) = self, case .number(let b, _) = other else {
      return self == other
    }
    return abs(a - b) <= max(1.5 * unit, 1e-4 * abs(a))
  }

  /// The tokens of a word: `acc=0.25%` is `acc=`, 0.25 and `%`.
  private static func tokens(in word: Substring) -> [PrintedToken] {
    let number = /[-+]?[0-9]+(?<part>\.[0-9]+)?(?<exponent>[eE][-+]?[0-9]+)?/
    var tokens: [PrintedToken] = []
    var (rest, plain) = (word, word.startIndex)
    while let match = rest.firstMatch(of: number) {
      let range = match.range
      rest = word[range.upperBound...]
      if isName(word[..<range.lowerBound]) { continue }
      if plain < range.lowerBound { tokens.append(.text(word[plain..<range.lowerBound])) }
      tokens.append(token(match.0, part: match.part, exponent: match.exponent))
      plain = range.upperBound
    }
    return plain < word.endIndex ? tokens + [.text(word[plain...])] : tokens
  }

  /// Whether a number after this belongs to a name: the 3 of `conv3x3`, the 1 of `v2.1`.
  ///
  /// The letter of a command, as in the path `M12.5 80.1L13.0 79.8` of a picture, is no name.
  private static func isName(_ before: Substring) -> Bool {
    guard let last = before.last else { return false }
    if "MLHVQC".contains(last), before.dropLast().last?.isLetter != true { return false }
    return last.isLetter || last == "_" || last == "." || last.isNumber
  }

  private static func token(
    _ whole: Substring, part: Substring?, exponent: Substring?
  ) -> PrintedToken {
    guard part != nil || exponent != nil, let value = Double(whole) else { return .integer(whole) }
    let power = exponent.flatMap { Int($0.dropFirst()) } ?? 0
    let digits = max(0, (part?.count ?? 1) - 1)
    return .number(value, unit: Double("1e\(power - digits)") ?? 0)
  }
}
