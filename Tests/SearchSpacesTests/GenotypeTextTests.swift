import TestSupport
import Testing

@testable import SearchSpaces

@Suite("Genotypes in texts")
struct GenotypeTextTests {
  @Test(arguments: GenotypeForms.common + GenotypeForms.further)
  func `the same cells in every form`(_ name: String, _ text: String) throws {
    #expect(try DARTSGenotype(parsing: text) == .dartsV2, "\(name): \(text)")
  }

  private let cell =
    "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|nor_conv_1x1~1|avg_pool_3x3~2|"

  private func last(_ text: String) throws -> NASBench201Genotype? {
    try GenotypeText(text).last.genotype.cellOfBenchmark
  }

  @Test func `cells of the benchmark in every form`() throws {
    let genotype = try NASBench201Genotype(parsing: cell)
    let names = "nor_conv_3x3 none skip_connect none nor_conv_1x1 avg_pool_3x3".split(
      separator: " ")
    let quoted = names.map { "'\($0)'" }
    let pairs = zip(quoted, [0, 0, 1, 0, 1, 2]).map { "(\($0), \($1))" }
    for text in [
      cell, "\"\(cell)\"", "\n  '\(cell)';\n", "arch = \(cell) # 94.2",
      "{\"nasbench201\": \"\(cell)\"}",
      "8, \(cell),91.6,94.3", "CellStructure(4 nodes with \(cell))", "it's `\(cell)`, isn't it?",
      cell.replacing("|", with: " | "), cell.replacing("+", with: " +\r\n"),
      "| cell | \(cell.replacing("|", with: "\\|")) | 94.2 |", "{\\\"arch\\\": \\\"\(cell)\\\"}",
      "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|\n\(cell)\n",
      "(\(quoted.joined(separator: ", ")))", "[\(quoted.joined(separator: ",\n")),]",
      "ops = [\(quoted.joined(separator: ", "))]",
      "[\(names.map { "\"\($0)\"" }.joined(separator: ","))]",
      "[(\(pairs[0]),), (\(pairs[1]), \(pairs[2])), (\(pairs[3]), \(pairs[4]), \(pairs[5]))]",
      "CellStructure([[\(pairs[0])], [\(pairs[1]), \(pairs[2])], [\(pairs[3...].joined(separator: ", "))]])",
    ] { #expect(try last(text) == genotype, "\(text)") }
  }

  @Test func `an index of the benchmark`() throws {
    for (text, index) in [("0", 0), (" 15624\n", 15_624), ("6111", 6111)] {
      #expect(try last(text) == NASBench201Genotype(index: index))
    }
  }

  // MARK: Several

  @Test func `of several the last is taken, and they are counted`() throws {
    let text = "epoch 1\n\(GenotypeForms.other)\nepoch 2\n   \(GenotypeForms.official)\n\(cell)"
    let all = try GenotypeText(text)
    #expect(all.entries.count == 3)
    #expect(all.entries.map { all.position(of: $0).line } == [2, 4, 5])
    #expect(all.position(of: all.entries[1]).column == 4)
    #expect(all.entries[1].genotype as? DARTSGenotype == .dartsV2)
    let error = #expect(throws: GenotypeError.self) { try DARTSGenotype(parsing: text) }
    #expect(error?.line == 5 && error?.expected == "cells of DARTS")
  }

  /// The log of a search that was killed while it wrote.
  @Test func `a broken one at the end is not passed over, one before is`() throws {
    let (official, broken) = (GenotypeForms.official, GenotypeForms.other.dropLast(30))
    let error = #expect(throws: GenotypeError.self) {
      try GenotypeText("\(official)\ngenotype = \(broken)")
    }
    #expect(error?.line == 2 && error?.found == "the end")
    for sound in ["\(broken)\n\(official)", "|mars~0|\n\(official)"] {
      #expect(try GenotypeText(sound).entries.count == 1)
    }
    #expect(throws: GenotypeError.self) { try GenotypeText("\(official)\n|mars~0|") }
  }

  @Test func `fields in lines of their own are not mixed with those of other cells`() throws {
    func fields(_ normal: String) -> String {
      "normal = \(normal)\nreduce = \(GenotypeForms.reduction)\n"
    }
    let other = GenotypeForms.normal.replacing("dil_conv_3x3", with: "sep_conv_5x5")
    let both = try GenotypeText(fields(other) + fields(GenotypeForms.normal))
    #expect(both.entries.count == 2 && both.position(of: both.last).line == 3)
    #expect(both.last.genotype as? DARTSGenotype == .dartsV2)
    let error = #expect(throws: GenotypeError.self) {
      try GenotypeText(fields(GenotypeForms.normal) + "normal = \(other)\n")
    }
    #expect(error?.line == 3 && error?.expected.hasPrefix("a field reduce") ?? false)
  }

  // MARK: Errors

  /// A text, and where it is wrong.
  private static let wrong: [(String, Int, Int, String, GenotypeError.Form)] = [
    ("mars", 1, 1, "a genotype", .other), ("", 1, 1, "a genotype", .other),
    ("[1, 2]", 1, 1, "a genotype", .other), ("{\"a\": 1}", 1, 1, "a genotype", .other),
    ("\n\n  what?", 3, 3, "a genotype", .other), ("genotype", 1, 1, "a genotype", .other),
    ("15625", 1, 1, "an index of the benchmark from 0 to 15624", .space("nasbench201")),
    ("-1", 1, 1, "an index of the benchmark from 0 to 15624", .space("nasbench201")),
    ("x = 1\r\n|none~0|+|mars~0|", 2, 11, "one of none, skip_connect", .space("nasbench201")),
    ("a\rb\r\nc |none~0|+|none~1|", 3, 18, "'0'", .space("nasbench201")),
    ("|none~0|+|none~0|none~1|", 1, 25, "'+'", .space("nasbench201")),
    (
      "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|none~1|none~2|none~3|", 1, 48,
      "the end of the cell", .space("nasbench201")
    ),
    ("['none', 'none']", 1, 1, "six operations", .space("nasbench201")),
    ("Genotype(", 1, 10, "a value", .space("darts")),
    ("Genotype(normal=[", 1, 18, "a value", .space("darts")),
    ("\u{E9}\u{301} Genotype(normal=[('none', 0)", 1, 31, "',' or ']'", .space("darts")),
    ("Genotype(normal=[('none\n", 1, 24, "the quotation mark", .space("darts")),
    (
      "Genotype(recurrent=[('tanh', 0)], concat=range(1, 9))", 1, 1, "convolutional",
      .space("darts")
    ),
    ("{\"normal\": [[\"none\", 0], [\"none\", 1]]}", 1, 1, "a field reduce", .space("darts")),
    ("{\"normal\": [[\"none\", 0]", 1, 24, "',' or ']'", .space("darts")),
  ]

  @Test(arguments: wrong)
  func `an error names line, column, what was expected, and what the text looks like`(
    _ text: String, _ line: Int, _ column: Int, _ expected: String, _ form: GenotypeError.Form
  ) throws {
    let error = try #require(throws: GenotypeError.self) { try GenotypeText(text) }
    #expect((error.line, error.column) == (line, column), "\(error)")
    #expect(error.expected.hasPrefix(expected) && error.form == form, "\(error)")
    #expect(error.description.hasPrefix("line \(line), column \(column): expected \(expected)"))
  }

  @Test func `what an error shows of the text is short and harmless`() throws {
    let text = "Genotype(normal=[(\u{1B}[31m\u{202E}" + String(repeating: "x", count: 1000)
    let error = try #require(throws: GenotypeError.self) { try GenotypeText(text) }
    #expect(error.found == "'\\u{1B}[31m\\u{202E}xxxxxx'")
  }

  // MARK: Hostile texts

  /// None of them may take a time that grows with its square, or overflow the stack.
  @Test(arguments: [
    "[", "(", "{", "Genotype(", "Genotype(normal=[(", "dict(", "'", "'\"", "(\"\"\"('''", "#", "|",
    "|a~0|",
    "|none~0|+", "('sep_conv_3x3', 0), ", "1", "[1,", "a.", " ", "\n", "\\", "'a' ", "{\"normal\":",
    "&#39;", "[*",
    "[[[1],[2]],[[3]]],", "normal=[", "normal:{", "normal='''", "reduce=f(", "\u{301}", "\r\n",
    "# Genotype(normal=[('none', 0)])\n",
  ])
  func `hostile texts are refused`(_ part: String) {
    let text = String(repeating: part, count: 40_000 / part.utf8.count)
    #expect(throws: GenotypeError.self) { try GenotypeText(text) }
  }

  @Test func `many genotypes are found in one pass`() throws {
    let text = String(repeating: GenotypeForms.official + "\n", count: 500)
    let all = try GenotypeText(text)
    #expect(all.entries.count == 500 && all.position(of: all.last).line == 500)
  }
}
