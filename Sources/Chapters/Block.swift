/// A fenced block of Markdown.
struct Block {
  /// What follows the opening fence: `swift no-run`.
  let info: String
  /// The lines between the fences, counted from 0.
  let body: Range<Int>

  /// All blocks of a text, in their order.
  static func all(of lines: [String], in chapter: String) throws(ChapterError) -> [Block] {
    var blocks: [Block] = []
    var opening: (line: Int, fence: Substring, info: String)?
    for (index, line) in lines.enumerated() {
      let fence = line.prefix { $0 == "`" }
      guard fence.count >= 3 else { continue }
      let rest = line.dropFirst(fence.count)
      if let start = opening {
        guard fence.count >= start.fence.count, rest.isBlank else { continue }
        blocks.append(Block(info: start.info, body: start.line + 1..<index))
        opening = nil
      } else if !rest.contains("`") {
        opening = (index, fence, rest.split(separator: " ").joined(separator: " "))
      }
    }
    if let opening { throw .endless(chapter: chapter, line: opening.line + 1) }
    return blocks
  }
}

extension StringProtocol {
  /// Whether there is nothing but white space.
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
