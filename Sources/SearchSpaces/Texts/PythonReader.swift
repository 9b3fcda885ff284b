/// Reads values as Python writes them: lists, tuples, dictionaries, calls, strings, numbers and names.
///
/// JSON is read too, as far as it has the same form. Between the tokens there may be spaces, line ends and comments. It
/// reads values, not programs: no operators, no loops. Brackets inside each other are limited, so that no text exhausts
/// the stack.
struct PythonReader {
  /// How many brackets can be inside each other.
  static let depthLimit = 12

  /// The place of the next scalar.
  private(set) var index: Int
  /// Whether a string was read, without which no value is a genotype.
  private(set) var hasReadString = false
  private let text: SourceText

  /// Starts at an index of `text`.
  init(_ text: SourceText, from index: Int = 0) {
    self.text = text
    self.index = index
  }

  /// Whether nothing but spaces follows.
  var isAtEnd: Bool {
    var rest = self
    rest.skipSpaces()
    return rest.index >= text.scalars.count
  }

  /// That `expected` is not what follows.
  func error(_ expected: String) -> TextError {
    TextError(place: text.place(of: index), expected: expected)
  }

  // MARK: Values

  /// Passes a value, and the spaces before it.
  mutating func value(depth: Int = 0) throws(TextError) -> PythonValue {
    skipSpaces()
    let place = text.place(of: index)
    guard depth < Self.depthLimit else {
      throw error("at most \(Self.depthLimit) brackets inside each other")
    }
    if let string = try strings() { return PythonValue(.string(string), at: place) }
    guard let next = text[index] else { throw error("a value") }
    switch next {
    case "[": return PythonValue(.sequence(try items(until: "]", depth).items), at: place)
    case "(":
      let (items, isTuple) = try items(until: ")", depth)
      return isTuple ? PythonValue(.sequence(items), at: place) : items[0]
    case "{": return PythonValue(try braces(depth), at: place)
    case _ where next.isDigit || "+-.".unicodeScalars.contains(next):
      return PythonValue(try number(), at: place)
    case _ where next.beginsName: return PythonValue(try nameOrCall(depth), at: place)
    default: throw error("a value")
    }
  }

  /// Passes what stands between two brackets, and both.
  ///
  /// A single item is a tuple only if a comma follows it.
  private mutating func items(
    until close: Unicode.Scalar, _ depth: Int
  ) throws(TextError) -> (items: [PythonValue], isTuple: Bool) {
    index += 1
    var (items, end) = ([PythonValue](), index)
    while try !passes(close, after: items.isEmpty) {
      items += try item(depth)
      end = index
    }
    return (items, items.count != 1 || text.scalars[end..<index].contains(","))
  }

  /// Passes an item, or with a star before it, as in `[*range(2, 6)]`, what that holds.
  private mutating func item(_ depth: Int) throws(TextError) -> [PythonValue] {
    let isStarred = passes("*")
    let item = try value(depth: depth + 1)
    return isStarred ? item.elements ?? [item] : [item]
  }

  /// Passes a dictionary or a set.
  private mutating func braces(_ depth: Int) throws(TextError) -> PythonValue.Content {
    index += 1
    var (pairs, items) = ([(key: PythonValue, value: PythonValue)](), [PythonValue]())
    while try !passes("}", after: pairs.isEmpty && items.isEmpty) {
      let first = try item(depth)
      if first.count == 1, passes(":") {
        pairs.append((first[0], try value(depth: depth + 1)))
      } else {
        items += first
      }
    }
    return items.isEmpty ? .dictionary(pairs) : .sequence(items)
  }

  /// Passes a name with points in it, and its arguments, if there are any.
  private mutating func nameOrCall(_ depth: Int) throws(TextError) -> PythonValue.Content {
    let name = dottedName()
    guard passes("(") else { return .name(name) }
    var (arguments, keywords) = ([PythonValue](), [(name: String, value: PythonValue)]())
    while try !passes(")", after: arguments.isEmpty && keywords.isEmpty) {
      if let keyword = keyword() {
        keywords.append((keyword, try value(depth: depth + 1)))
      } else {
        arguments += try item(depth)
      }
    }
    return .call(name, arguments, keywords: keywords)
  }

  /// Passes a name and the `=` after it; nil, and nothing is passed, if that is not what follows.
  private mutating func keyword() -> String? {
    let start = index
    if let next = text[index], next.beginsName {
      let name = passName()
      if passes("=") { return name }
    }
    index = start
    return nil
  }

  /// Whether the bracket closes here, which is passed then; a comma must stand before another item.
  private mutating func passes(
    _ close: Unicode.Scalar, after isEmpty: Bool
  ) throws(TextError) -> Bool {
    if passes(close) { return true }
    if isEmpty { return false }
    guard passes(",") else { throw error("',' or '\(close)'") }
    return passes(close)
  }

  // MARK: Names and numbers

  /// Passes a name with points in it.
  mutating func dottedName() -> String {
    var name = passName()
    while text[index] == ".", text[index + 1]?.beginsName ?? false {
      index += 1
      name += "." + passName()
    }
    return name
  }

  private mutating func passName() -> String {
    let start = index
    while text[index]?.continuesName ?? false { index += 1 }
    return text.text(start..<index)
  }

  private mutating func number() throws(TextError) -> PythonValue.Content {
    let (start, wrong) = (index, error("a number"))
    while let next = text[index], next.continuesName || next == "." || isSign(next, from: start) {
      index += 1
    }
    var digits = text.text(start..<index).filter { $0 != "_" }
    // Python 2 marks its long numbers.
    if digits.last == "L" || digits.last == "l" { digits.removeLast() }
    let plain = digits.drop { $0 == "+" || $0 == "-" }
    if let number = Int(digits), plain == "0" || plain.first != "0" { return .integer(number) }
    guard let number = Double(digits), plain.contains(".") || plain.first != "0" else {
      throw wrong
    }
    return .real(number)
  }

  /// Whether a sign stands in front of a number or of its exponent.
  private func isSign(_ scalar: Unicode.Scalar, from start: Int) -> Bool {
    guard scalar == "+" || scalar == "-" else { return false }
    return index == start || text.scalars[index - 1] == "e" || text.scalars[index - 1] == "E"
  }

  // MARK: Strings

  /// Passes a string, and those that follow it, which Python joins; nil if there is none.
  mutating func strings() throws(TextError) -> SourceText? {
    var (scalars, places) = ([Unicode.Scalar](), [Int]())
    var rest = self
    while try rest.string(&scalars, &places) {
      self = rest
      rest.skipSpaces()
    }
    guard !places.isEmpty else { return nil }
    return SourceText(scalars, places: places)
  }

  /// Passes a string with the letters before it, as in `u'...'`; false if there is none.
  ///
  /// It adds to `scalars` what the string holds, and to `places` where that stands and where the string ends.
  private mutating func string(
    _ scalars: inout [Unicode.Scalar], _ places: inout [Int]
  ) throws(TextError) -> Bool {
    var start = index
    while start < index + 2, let next = text[start], "uUrRbBfF".unicodeScalars.contains(next) {
      start += 1
    }
    guard let quotes = Quotes(text, at: start) else { return false }
    let isRaw = text.scalars[index..<start].contains { $0 == "r" || $0 == "R" }
    index = start + quotes.length
    _ = places.popLast()
    while !quotes.close(text, at: index) {
      guard let next = text[index], quotes.length == 3 || !next.isLineEnd else {
        throw error("the quotation mark at the end of the string")
      }
      let place = text.place(of: index)
      index += 1
      let read = next == "\\" && !isRaw ? escape() : next
      guard let read else { continue }
      scalars.append(read)
      places.append(place)
    }
    places.append(text.place(of: index))
    index += quotes.length
    hasReadString = true
    return true
  }

  /// Passes what follows a backslash: what it stands for; nil if for nothing.
  private mutating func escape() -> Unicode.Scalar? {
    guard let next = text[index] else { return "\\" }
    index += 1
    switch next {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "x": return code(digits: 2) ?? "x"
    case "u": return code(digits: 4) ?? "u"
    // The line goes on in the next one.
    case "\r":
      if text[index] == "\n" { index += 1 }
      return nil
    case "\n": return nil
    default: return next
    }
  }

  private mutating func code(digits: Int) -> Unicode.Scalar? {
    let end = min(index + digits, text.scalars.count)
    guard let code = UInt32(text.text(index..<end), radix: 16), let scalar = Unicode.Scalar(code)
    else { return nil }
    index = end
    return scalar
  }

  // MARK: Between tokens

  /// Passes a mark and the spaces before it; false, and nothing is passed, if it does not follow.
  mutating func passes(_ mark: Unicode.Scalar) -> Bool {
    skipSpaces()
    guard text[index] == mark else { return false }
    index += 1
    return true
  }

  /// Passes spaces, line ends, comments, and backslashes at the end of a line.
  mutating func skipSpaces() {
    while let next = text[index] {
      if next.isSpace || next == "\\" && text[index + 1]?.isLineEnd ?? false {
        index += 1
      } else if next == "#" {
        while let next = text[index], !next.isLineEnd { index += 1 }
      } else {
        return
      }
    }
  }
}

/// The quotation marks around a string.
///
/// Word processors and web pages turn straight marks into curly ones, so these are taken too.
private struct Quotes {
  /// How many scalars each mark has: 1, or 3 around texts of several lines.
  let length: Int
  private let closing: Set<Unicode.Scalar>

  /// The marks that open at an index; nil if none do.
  init?(_ text: SourceText, at index: Int) {
    switch text[index] {
    case "'", "\"":
      let mark = text.scalars[index]
      closing = [mark]
      length = text[index + 1] == mark && text[index + 2] == mark ? 3 : 1
    case "\u{2018}", "\u{2019}", "\u{201A}": (closing, length) = (["'", "\u{2018}", "\u{2019}"], 1)
    case "\u{201C}", "\u{201D}", "\u{201E}":
      (closing, length) = (["\"", "\u{201C}", "\u{201D}"], 1)
    default: return nil
    }
  }

  /// Whether they close at an index.
  func close(_ text: SourceText, at index: Int) -> Bool {
    (0..<length).allSatisfy { text[index + $0].map(closing.contains) ?? false }
  }
}
