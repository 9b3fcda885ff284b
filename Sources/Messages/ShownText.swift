/// A text that came from elsewhere as a message quotes it: in one line, without control characters, and not too long.
///
/// Of a long one the beginning and the end are left, for the end of a path tells most.
public func shown(_ text: String) -> String {
  let scalars = text.unicodeScalars
  guard
    let limit = scalars.index(
      scalars.startIndex, offsetBy: shownLimit, limitedBy: scalars.endIndex),
    limit < scalars.endIndex
  else { return printable(text) }
  let left = shownLimit / 2
  let omitted = scalars.count - 2 * left
  return printable(String(scalars.prefix(left))) + " ... (\(omitted) characters left out) ... "
    + printable(String(scalars.suffix(left)))
}

/// The most Unicode scalars of one value that a message shows.
let shownLimit = 400

/// A text in one line that a terminal shows as it is: control characters as Swift writes them, `\n`.
///
/// Those that turn the direction of writing are among them: they make a name look like another one.
public func printable(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: \.isHidden) else { return text }
  return text.unicodeScalars.map { $0.isHidden ? $0.escaped(asASCII: true) : "\($0)" }.joined()
}

extension Unicode.Scalar {
  /// Whether it does something instead of being shown.
  fileprivate var isHidden: Bool {
    if isASCII { return value < 0x20 || value == 0x7F }
    return properties.isBidiControl || self == "\u{FEFF}"
      || [.control, .lineSeparator, .paragraphSeparator].contains(properties.generalCategory)
  }
}
