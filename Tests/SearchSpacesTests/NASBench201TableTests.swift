import Foundation
import SearchSpaces
import TestSupport
import Testing

@Suite("NAS-Bench-201: the table")
struct NASBench201TableTests {
  private typealias Problem = NASBench201TableError.Problem
  private static let head = "arch_str,note,cifar10_test"

  /// A whole table: the cell at place i has accuracy 10 + (i modulo 100) / 2 percent.
  private static let rows = (0..<NASBench201Genotype.count).map { ordinal in
    "\(NASBench201Genotype(ordinal: ordinal)),x,\(10 + Double(ordinal % 100) / 2)"
  }
  private static let text = ([head] + rows).joined(separator: "\n") + "\n"

  private func problem(_ text: String) -> Problem? {
    do throws(NASBench201TableError) {
      _ = try NASBench201Table(parsing: text, file: "t.csv")
      return nil
    } catch {
      #expect(error.file == "t.csv" && error.description.contains("t.csv"))
      #expect(error.description.contains("\nHint: "))
      return error.problem
    }
  }

  /// The head with some rows below it.
  private func problem(rows: String...) -> Problem? {
    problem(([Self.head] + rows).joined(separator: "\n"))
  }

  @Test(arguments: ["\n", "\r\n"])
  func `accuracies and ranks, in any order of the rows`(_ end: String) throws {
    let lines = [Self.head] + Self.rows.reversed()
    let table = try NASBench201Table(parsing: lines.joined(separator: end), file: "t.csv")
    #expect(table.columns == ["cifar10_test"])
    let best = NASBench201Genotype(ordinal: 199)
    #expect(table.accuracy(of: best, in: "cifar10_test") == 0.595)
    #expect(table.accuracy(of: best, in: "cifar10_valid") == nil)
    #expect(table.measurements(of: best)["cifar10_test"]?.rank == 1, "equal ones share a rank")
    let second = table.measurements(of: NASBench201Genotype(ordinal: 98))
    // Of 15,625 cells 156 have the highest accuracy.
    #expect(second == ["cifar10_test": .init(accuracy: 0.59, rank: 157)])
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `quotes, percent signs, blank lines and the marks of a spreadsheet`(_ end: String) throws {
    let head =
      #""arch_str","a ""note"", quoted","ImageNet16-120 x-test","cifar100_valid_accuracy (%)""#
    let rows = (0..<NASBench201Genotype.count).map { ordinal in
      let percent = "\(10 + Double(ordinal % 100) / 2)"
      let cell = NASBench201Genotype(ordinal: ordinal)
      return ordinal.isMultiple(of: 2)
        ? "\"\(cell)\",\"two\(end)lines, \"\"x\"\"\",\"\(percent) %\",\(percent)%"
        : "\(cell) , ,\(percent), \(percent)"
    }
    let text = "\u{FEFF}" + ([head, "", ",,,"] + rows + ["  ", ""]).joined(separator: end)
    let table = try NASBench201Table(parsing: text, file: "t.csv")
    #expect(table.columns == ["ImageNet16-120 x-test", "cifar100_valid_accuracy (%)"])
    for ordinal in [0, 1, 198, 199, 15_624] {
      let cell = NASBench201Genotype(ordinal: ordinal)
      for column in table.columns {
        #expect(
          table.accuracy(of: cell, in: column) == (10 + Double(ordinal % 100) / 2) / 100)
      }
    }
  }

  @Test func `lines are counted through quotes`() {
    let rows = ["\"\(NASBench201Genotype(ordinal: 0))\",\"a\n\nb\",5", "\"mars\",,5"]
    guard case .notACell(line: 5, _) = problem(rows: rows[0], rows[1]) else {
      Issue.record("\(String(describing: problem(rows: rows[0], rows[1])))")
      return
    }
    #expect(problem(rows: rows[0], "\"open,5") == .badQuote(line: 5))
    #expect(problem(rows: "\"a\"b,,5") == .badQuote(line: 2))
  }

  /// None of them can be compared with the others, or with a table in percent.
  @Test func `shares are refused`() {
    let rows = (0..<NASBench201Genotype.count).map {
      "\(NASBench201Genotype(ordinal: $0)),x,\(Double($0 % 95) / 100)"
    }
    let found = problem(([Self.head] + rows).joined(separator: "\n"))
    #expect(found == .shares(column: "cifar10_test", highest: 0.94))
  }

  /// The network of the cell of none alone guesses: its error is the largest of all.
  @Test func `error rates are refused`() {
    let rows = (0..<NASBench201Genotype.count).map {
      "\(NASBench201Genotype(ordinal: $0)),x,\($0 == 0 ? 90 : 5 + Double($0 % 80))"
    }
    let found = problem(([Self.head] + rows).joined(separator: "\n"))
    #expect(found == .errorRates(column: "cifar10_test", found: 90))
    // The other way round they are accuracies.
    let right = ([Self.head] + rows.map { $0.replacing(",x,90", with: ",x,10") })
      .joined(separator: "\n")
    #expect(throws: Never.self) { try NASBench201Table(parsing: right, file: "t.csv") }
  }

  @Test func `what is wrong with a first line is guessed`() {
    for (head, hint) in [
      ("arch_str;cifar10_test", "by commas, not by semicolons"),
      ("arch_str\tcifar10_test", "by commas, not by tabs"),
      ("cell,cifar10_test", "a row is for example 6111"),
    ] {
      let error = NASBench201TableError(file: "t.csv", problem: .badHead(found: [head]))
      #expect(error.description.contains(head.contains(",") ? "a row is" : hint))
    }
    #expect(
      problem("arch_str,cifar10_test,cifar10_test\n") == .repeatedColumn("cifar10_test"))
    let comma = NASBench201TableError(
      file: "t.csv", problem: .notAnAccuracy(line: 3, column: "x_test", found: "94,37"))
    #expect(comma.description.hasSuffix("write decimals with a point."))
  }

  /// A place for each cell in each column would be 25 GB for a line of 2 MB.
  @Test func `a line with very many columns is refused before they get their places`() {
    let head = "arch_str," + (0..<200_000).map { "c\($0)_test" }.joined(separator: ",")
    #expect(problem(head) == .tooManyColumns(limit: 100, found: 200_000))
  }

  @Test func `a table cut off between two rows misses cells`() {
    let text = Self.text.split(separator: "\n").dropLast(2).joined(separator: "\n")
    #expect(
      problem(text) == .missing(2, example: NASBench201Genotype(ordinal: 15_623)))
    #expect(problem(Self.head) == .missing(15_625, example: NASBench201Genotype(ordinal: 0)))
  }

  @Test func `wrong rows are told with their line`() {
    let first = Self.rows[0]
    #expect(problem(rows: first, "|none~0|+|no") == .fieldCount(line: 3, expected: 3, found: 1))
    #expect(problem(rows: first, "", first) == .repeated(line: 4, first: 2))
    let mars = Self.rows[1].replacing("skip_connect", with: "mars")
    guard case .notACell(line: 3, let error) = problem(rows: first, mars) else {
      Issue.record("\(mars) was taken")
      return
    }
    #expect(error.column == mars.prefix { $0 != "m" }.count + 1)
    for wrong in ["", "x", "101", "-1", "nan", "inf"] {
      let row = "\(NASBench201Genotype(ordinal: 7)),,\(wrong)"
      #expect(
        problem(rows: first, row)
          == .notAnAccuracy(line: 3, column: "cifar10_test", found: wrong))
    }
  }

  @Test(arguments: ["", "arch_str,flops_m", "cell,cifar10_test", "\n\n"])
  func `the head must name a cell and an accuracy`(_ head: String) {
    guard case .badHead = problem("\(head)\n\(Self.rows[0])") else {
      Issue.record("'\(head)' was taken")
      return
    }
  }

  @Test(.enabled(if: DevelopmentData.nasBench201 != nil, "TOPONAS_NASBENCH201 names no table"))
  func `the benchmark's best cells, and its classes`() throws {
    let file = try #require(DevelopmentData.nasBench201)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let table = try NASBench201Table(parsing: text, file: file)
    #expect(table.columns == ["cifar10_valid", "cifar10_test"])
    func known(_ text: String) throws -> [String: NASBench201Table.Measurement] {
      table.measurements(of: try NASBench201Genotype(parsing: text))
    }
    let start = "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|"
    let best = try known("\(start)nor_conv_3x3~1|nor_conv_1x1~2|")
    #expect(best["cifar10_valid"] == .init(accuracy: 0.916067, rank: 1))
    #expect(best["cifar10_test"] == .init(accuracy: 0.943733, rank: 1))
    let equal = try known("\(start)nor_conv_1x1~1|nor_conv_3x3~2|")
    #expect(equal["cifar10_test"]?.rank == 1 && equal["cifar10_valid"]?.rank != 1)
    #expect(try known("\(start)nor_conv_3x3~1|nor_conv_3x3~2|")["cifar10_test"]?.rank == 3)

    // Cells have the same class there if and only if they have the same expression here.
    let pairs = try text.split(separator: "\n").dropFirst().map { row in
      let fields = row.split(separator: ",")
      return (try NASBench201Genotype(parsing: String(fields[1])).expression, fields[6])
    }
    #expect(Set(pairs.map(\.0)).count == 6466 && Set(pairs.map(\.1)).count == 6466)
    #expect(Set(pairs.map { "\($0.1) \($0.0)" }).count == 6466)
  }
}
