import Tensors

/// Damages bytes at random, as disks, transfers and hands do.
public struct Mutator {
  /// One kind of damage.
  public enum Kind: CaseIterable, Sendable {
    /// A bit is another one.
    case flip
    /// The end is gone.
    case cut
    /// A slice stands there twice.
    case double
    /// Bytes that were not there.
    case insert
    /// A slice is gone.
    case remove
    /// A number, as digits or as bytes, is huge, negative, or none.
    case number
    /// Two slices have changed places.
    case swap
    /// Nothing is left.
    case empty
  }

  private var generator: RandomGenerator

  /// Creates a source of damages; equal generators damage equally.
  public init(_ generator: RandomGenerator) { self.generator = generator }

  /// Damages bytes one to four times; now and then nothing is left of them.
  public mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
    guard generator.integer(below: 200) > 0 else { return apply(.empty, to: bytes) }
    let kinds = Kind.allCases.filter { $0 != .empty }
    return (0...generator.integer(below: 4)).reduce(bytes) { bytes, _ in
      apply(kinds[generator.integer(below: kinds.count)], to: bytes)
    }
  }

  /// Damages bytes in one way; what is empty can only grow.
  public mutating func apply(_ kind: Kind, to bytes: [UInt8]) -> [UInt8] {
    var result = bytes
    guard !bytes.isEmpty || kind == .insert else { return bytes }
    switch kind {
    case .flip: result[index(in: bytes)] ^= 1 << UInt8(generator.integer(below: 8))
    case .cut: result.removeLast(1 + index(in: bytes))
    case .double:
      let slice = slice(of: bytes)
      result.insert(contentsOf: bytes[slice], at: slice.upperBound)
    case .insert:
      result.insert(contentsOf: novelty(), at: generator.integer(below: bytes.count + 1))
    case .remove: result.removeSubrange(slice(of: bytes))
    case .number: result.replaceSubrange(number(in: bytes), with: wrongNumber())
    case .swap: result = swapped(bytes)
    case .empty: result = []
    }
    return result
  }

  private mutating func index(in bytes: [UInt8]) -> Int { generator.integer(below: bytes.count) }

  /// Most slices are short: a digit, a word, a line.
  private mutating func slice(of bytes: [UInt8]) -> Range<Int> {
    let start = index(in: bytes)
    let longest = bytes.count - start
    let limit = generator.integer(below: 8) == 0 ? longest : min(longest, 24)
    return start..<start + 1 + generator.integer(below: limit)
  }

  /// Two slices that do not overlap, exchanged.
  private mutating func swapped(_ bytes: [UInt8]) -> [UInt8] {
    let first = slice(of: bytes)
    let second = slice(of: bytes)
    let (a, b) = first.lowerBound < second.lowerBound ? (first, second) : (second, first)
    guard a.upperBound <= b.lowerBound else { return bytes }
    var result = bytes
    result.replaceSubrange(b, with: bytes[a])
    result.replaceSubrange(a, with: bytes[b])
    return result
  }

  /// The digits behind a random place, or a few bytes there if no digits follow soon.
  private mutating func number(in bytes: [UInt8]) -> Range<Int> {
    let start = index(in: bytes)
    let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
    let near = bytes[start...].prefix(200)
    guard let first = near.firstIndex(where: digits.contains) else {
      return start..<min(bytes.count, start + 8)
    }
    return first..<first + bytes[first...].prefix { digits.contains($0) }.count
  }

  /// Numbers in digits that are wrong nearly everywhere, and such as eight bytes.
  private mutating func wrongNumber() -> [UInt8] {
    let words = [
      "-1", "0", "00", "1.5", "-0.0", "1e400", "-1e308", "1e18", "1e-400", "nan", "NaN", "inf",
      "null", "true", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
      "1152921504606846976", "99999999999999999999999999", "4294967296", "2147483648", "0x10",
      "\"1\"",
    ]
    let patterns: [UInt64] = [.max, 1 << 63, 1 << 60, (1 << 63) - 1, 1 << 32, 1, 0]
    let choice = generator.integer(below: words.count + patterns.count)
    guard choice >= words.count else { return Array(words[choice].utf8) }
    return withUnsafeBytes(of: patterns[choice - words.count].littleEndian) { Array($0) }
  }

  /// Something between random bytes and what means much in a text.
  private mutating func novelty() -> [UInt8] {
    let words = [
      "{", "}", "[", "]", "\"", ",", ":", "\\", "\n", "\r\n", " ", "\0", "|", "+", "~", "(", "#",
      "'",
      "\u{FEFF}", "\u{301}", "none", "range", "\\u0000", "\\ud800", "{\"a\":", "[[[[[[[[",
    ]
    let choice = generator.integer(below: 2 * words.count)
    guard choice >= words.count else { return Array(words[choice].utf8) }
    return (0...generator.integer(below: 8)).map { _ in
      UInt8(truncatingIfNeeded: generator.next())
    }
  }
}
