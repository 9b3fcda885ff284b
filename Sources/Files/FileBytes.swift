import Foundation

/// Bytes that are read from the disk when they are asked for: those of a file or a part of one, or some in memory.
package struct FileBytes: Sendable {
  private enum Source: Sendable {
    case memory(Data)
    case file(InputFile)
  }

  private let source: Source
  private let range: Range<Int>

  /// Bytes in memory.
  package init(_ data: Data) { (source, range) = (.memory(data), 0..<data.count) }

  /// The bytes of a file; those of a pipe, `limit` at most, are read at once.
  package init(_ file: InputFile, limit: Int) throws(FileError) {
    if let count = file.count {
      self.init(.file(file), 0..<count)
    } else {
      self.init(try file.bytes(limit: limit))
    }
  }

  private init(_ source: Source, _ range: Range<Int>) {
    (self.source, self.range) = (source, range)
  }

  /// How many there are.
  package var count: Int { range.count }

  /// A part of them.
  package subscript(part: Range<Int>) -> FileBytes {
    precondition(
      0 <= part.lowerBound && part.upperBound <= count, "expected a part of \(count), found \(part)"
    )
    return FileBytes(
      source, range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }

  /// Reads all of them; fewer if the file has become shorter.
  package func read() throws(FileError) -> Data {
    switch source {
    case .memory(let data): data.dropFirst(range.lowerBound).prefix(count)
    case .file(let file): try file.bytes(at: range.lowerBound, count: count)
    }
  }
}
