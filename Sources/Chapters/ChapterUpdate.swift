extension Chapter {
  /// The text of the chapter with other outputs: `outputs[i]` is what cell i printed.
  ///
  /// An output that agrees with what stands there stays as it is. A cell that prints and has no text block
  /// gets one, and one that prints nothing loses its own. Lines marked `~` keep the mark.
  public func text(withOutputs outputs: [Int: String]) -> String {
    var lines = lines
    for (number, cell) in cells.enumerated().reversed() {
      guard let output = outputs[number] else { continue }
      let expected = expectedOutput(of: cell)
      if cell.output != nil, OutputComparison.agree(expected, output), !output.isBlank { continue }
      let printed = Self.marked(OutputComparison.significantLines(of: output), as: expected)
      let block = printed.isEmpty ? [] : ["", "```text"] + printed + ["```"]
      let end = cell.output.map { $0.upperBound + 1 } ?? cell.body.upperBound + 1
      lines.replaceSubrange(cell.body.upperBound + 1..<end, with: block)
    }
    return lines.joined(separator: "\n")
  }

  private static func marked(_ printed: [Substring], as expected: String) -> [String] {
    let old = OutputComparison.significantLines(of: expected)
    return printed.enumerated().map { index, line in
      let isMarked = old.count == printed.count && old[index].hasPrefix("~")
      return isMarked && !line.hasPrefix("~") ? "~ \(line)" : String(line)
    }
  }
}
