/// Reads a text of one exact form from left to right.
///
/// What it reads it passes; at the first wrong scalar it stops and tells what was expected there.
struct GenotypeScanner {
  private let text: SourceText
  private var index = 0

  init(_ text: SourceText) { self.text = text }

  /// That `expected` is not what follows.
  func error(_ expected: String) -> TextError {
    TextError(place: text.place(of: index), expected: expected)
  }

  /// Passes exactly `marks`.
  mutating func expect(_ marks: String) throws(TextError) {
    for mark in marks.unicodeScalars {
      guard text[index] == mark else { throw error("'\(mark)'") }
      index += 1
    }
  }

  /// Passes the name of one of `candidates`.
  mutating func operation(among candidates: [Primitive]) throws(TextError) -> Primitive {
    let name = rest { $0.continuesName || $0.properties.numericType != nil }
    guard let found = candidates.first(where: { $0.rawValue == name }) else {
      throw error("one of \(candidates.map(\.rawValue).joined(separator: ", "))")
    }
    index += name.unicodeScalars.count
    return found
  }

  /// Passes a decimal number in `range`; `what` says what it stands for.
  mutating func number(in range: ClosedRange<Int>, _ what: String) throws(TextError) -> Int {
    let digits = rest(while: \.isDigit)
    // The comparison refuses what no program writes, such as 02.
    guard let value = Int(digits), String(value) == digits, range ~= value else {
      throw error("\(what) from \(range.lowerBound) to \(range.upperBound)")
    }
    index += digits.unicodeScalars.count
    return value
  }

  /// Whether `mark` follows.
  func follows(_ mark: Unicode.Scalar) -> Bool { text[index] == mark }

  /// Expects that nothing follows.
  func expectEnd() throws(TextError) {
    if index < text.scalars.count { throw error("the end") }
  }

  private func rest(while isPart: (Unicode.Scalar) -> Bool) -> String {
    let end = text.scalars[index...].firstIndex { !isPart($0) } ?? text.scalars.count
    return text.text(index..<end)
  }
}
