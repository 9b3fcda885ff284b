/// A path, taken apart as POSIX does it (`dirname`, `basename`): by its bytes, whatever they are.
package struct PathParts: Equatable {
  /// What is in front of the name: `.` for a name alone.
  package let folder: String
  /// The last part, without slashes at its end; `/` is that of the root.
  package let name: String

  /// Takes a path apart.
  package init(_ path: String) {
    // Bytes, for a slash and an accent after it are one character of a text.
    let slash = UInt8(ascii: "/")
    let bytes = Array(path.utf8)
    let end = (bytes.lastIndex { $0 != slash } ?? -1) + 1
    let start = (bytes[..<end].lastIndex(of: slash) ?? -1) + 1
    let folderEnd = (bytes[..<start].lastIndex { $0 != slash } ?? -1) + 1
    let isRoot = end == 0 && !bytes.isEmpty
    name = isRoot ? "/" : String(decoding: bytes[start..<end], as: UTF8.self)
    folder =
      if folderEnd > 0 {
        String(decoding: bytes[..<folderEnd], as: UTF8.self)
      } else {
        isRoot || start > 0 ? "/" : "."
      }
  }

  /// The extension: what follows the last point of the name: `svg`; empty if nothing stands before it.
  package var ending: String {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    let hasEnding = parts.count > 1 && parts.dropLast().contains { !$0.isEmpty }
    return hasEnding ? parts.last.flatMap { String(Substring($0)) } ?? "" : ""
  }
}
