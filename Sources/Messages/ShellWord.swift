/// A text as one word of a command line, in quotes if it needs them.
public func shellWord(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    let scalar = Unicode.Scalar(byte)
    return scalar.properties.isAlphabetic && scalar.isASCII || "0"..."9" ~= scalar
      || "/._-+=:,".unicodeScalars.contains(scalar)
  }
  guard !isPlain || text.isEmpty else { return text }
  guard printable(text) == text else { return escapedShellWord(text) }
  // Easier to read, where nothing has a meaning in them.
  let isSound = text.contains("'") && !text.contains { "\"$`\\!".contains($0) }
  return isSound ? "\"\(text)\"" : singleQuoted(text)
}

/// A word with control characters in the quotes of bash and zsh that have escapes, so that a terminal shows it as it is.
private func escapedShellWord(_ text: String) -> String {
  let scalars = text.unicodeScalars.map { scalar -> String in
    if scalar == "'" || scalar == "\\" { return "\\\(scalar)" }
    guard printable("\(scalar)") != "\(scalar)" else { return "\(scalar)" }
    return "\(scalar)".utf8.map { "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
  return "$'\(scalars.joined())'"
}

/// A text in single quotes, as all three shells read it.
///
/// Scalar by scalar: with an accent after it a quotation mark is another character, yet it ends the quotes.
public func singleQuoted(_ text: String) -> String {
  let parts = text.unicodeScalars.split(separator: "'", omittingEmptySubsequences: false)
  return "'\(parts.map { String($0) }.joined(separator: #"'\''"#))'"
}
