/// A chapter: Markdown whose Swift blocks are a program, and whose shell blocks run `toponas`.
public struct Chapter: Sendable {
  /// The name of its file without the ending: `10-partial-module-sharing`.
  public let name: String
  /// The text, line by line.
  public let lines: [String]
  /// The blocks that are code, in their order.
  public let cells: [Cell]

  /// Reads the text of a chapter.
  ///
  /// - Throws: `ChapterError` for a block without an end, or of a kind that is not known.
  public init(name: String, text: String) throws(ChapterError) {
    self.name = name
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    self.lines = lines
    var cells: [Cell] = []
    let blocks = try Block.all(of: lines, in: name)
    for (index, block) in blocks.enumerated() {
      guard let kind = try Cell.Kind(block, lines: lines, chapter: name) else { continue }
      let next = index + 1 < blocks.count ? blocks[index + 1] : nil
      let output = kind.isRun ? next.flatMap { Self.output(in: $0, of: block, lines) } : nil
      cells.append(Cell(kind: kind, body: block.body, output: output?.body))
    }
    self.cells = cells
  }

  /// The block `next`, if it is what `block` should print: marked `text`, with only empty lines between.
  private static func output(in next: Block, of block: Block, _ lines: [String]) -> Block? {
    let between = lines[block.body.upperBound + 1..<next.body.lowerBound - 1]
    return next.info == "text" && between.allSatisfy(\.isBlank) ? next : nil
  }

  /// The expected output of a cell, without the fences; empty if there is none.
  public func expectedOutput(of cell: Cell) -> String {
    cell.output.map { lines[$0].joined(separator: "\n") } ?? ""
  }

  /// How many cells are only compiled, or not even that.
  public var cellsNotRun: Int { cells.count { !$0.kind.isRun && $0.kind != .swift(.file) } }
}

/// A block of code in a chapter.
public struct Cell: Hashable, Sendable {
  /// What is done with a block of Swift.
  public enum SwiftMode: String, CaseIterable, Sendable {
    /// The block is compiled and run, and sees what the blocks before it declare.
    case run = "swift"
    /// The block is compiled outside of the function that holds the chapter.
    case file = "swift file"
    /// The block is compiled, and not run.
    case noRun = "swift no-run"
    /// The block is only shown.
    case ignore = "swift ignore"
  }

  /// What a block is.
  public enum Kind: Hashable, Sendable {
    /// Code in Swift.
    case swift(SwiftMode)
    /// Lines `$ toponas ...` that are run.
    case shell
  }

  /// What the block is.
  public let kind: Kind
  /// The lines of the block in the chapter, without the fences; counted from 0.
  public let body: Range<Int>
  /// The lines of the expected output, without the fences.
  public let output: Range<Int>?
}

extension Cell.Kind {
  /// Whether the cell is run, so that it may print.
  public var isRun: Bool { self == .swift(.run) || self == .shell }

  /// The kind of a block; nil for one that is not code.
  init?(_ block: Block, lines: [String], chapter: String) throws(ChapterError) {
    if block.info == "sh" {
      guard lines[block.body].contains(where: { $0.hasPrefix("$ toponas") }) else { return nil }
      self = .shell
    } else if block.info.split(separator: " ").first == "swift" {
      guard let mode = Cell.SwiftMode(rawValue: block.info) else {
        throw .unknownKind(block.info, chapter: chapter, line: block.body.lowerBound)
      }
      self = .swift(mode)
    } else {
      return nil
    }
  }
}
