import Foundation
import Reports
import TestSupport
import Testing

/// `toponas report` on trainings of derived cells.
@Suite("Reports on trainings", .serialized)
struct TrainingReportTests {
  private let root: TemporaryFolder

  init() throws { root = try TemporaryFolder() }

  private static let cell = "|nor_conv_1x1~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|"
  private static let darts =
    "Genotype(normal=[('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), "
    + "('max_pool_3x3', 2), ('skip_connect', 0), ('skip_connect', 1), ('skip_connect', 0), "
    + "('skip_connect', 1)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), "
    + "('skip_connect', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('skip_connect', 2), "
    + "('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])"

  private func train(_ name: String, _ more: [String] = [], cell: String = cell) throws -> String {
    let run = "\(root.path)/\(name)"
    let outcome = try toponas(
      [
        "evaluate", "--genotype", cell, "--channels", "2", "--cells", "1", "--epochs", "2",
        "--train-images", "40", "--test-images", "20", "--batch", "8", "--out", run,
      ] + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.hasSuffix("report    \(run)/report.html\n"), "\(outcome.output)")
    #expect(outcome.output.contains("genotype  \(cell)\n"), "whole, however long it is")
    return run
  }

  private func page(_ file: String) throws -> String {
    let page = try String(contentsOfFile: file, encoding: .utf8)
    #expect(firstUnbalancedTag(in: page) == nil)
    for foreign in ["<script", "http", "url(", " src=", " href="] {
      #expect(!page.contains(foreign), "\(foreign)")
    }
    return page
  }

  @Test func `a training leaves its page, and the command makes the same`() throws {
    let run = try train("a<b>")
    let written = try page("\(run)/report.html")
    #expect(written.contains("<h1>a&lt;b&gt;</h1>"))
    let outcome = try toponas(["report", run])
    #expect(outcome.status == 0 && outcome.output == "wrote \(run)/report.html\n")
    #expect(try page("\(run)/report.html") == written)
    let lines = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try jsonObject(String($0)) }
    for line in lines {
      for key in ["training_loss", "test_loss"] {
        let loss = try #require(line[key] as? Double)
        #expect(written.contains(String(format: "<td class=\"number\">%.4f</td>", loss)))
      }
    }
    let accuracy = try #require(lines.last?["test_accuracy"] as? Double)
    #expect(written.contains(String(format: "accuracy %.1f %% after 2 epochs", 100 * accuracy)))
    #expect(written.contains("finished, 2 of 2 epochs") && written.contains(Self.cell))
  }

  @Test(arguments: [
    [], ["--learning-rate", "0.05", "--cutout", "4", "--seed", "3"],
    ["--no-auxiliary", "--drop-path", "0.3"], ["--auxiliary"],
  ])
  func `the command on the page makes the same training`(_ options: [String]) throws {
    let isDARTS = options.contains { $0.hasSuffix("auxiliary") }
    let run = try train(
      "run", options + (isDARTS ? ["--cells", "3"] : []), cell: isDARTS ? Self.darts : Self.cell)
    let page = try page("\(run)/report.html")
    let command = try #require(page.firstMatch(of: /<code>(.*)<\/code>/)).1
      .replacing("<span>", with: "").replacing("</span>", with: "").replacing("&quot;", with: "\"")
    let program = try #require(command.firstRange(of: "toponas evaluate "))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    let again = try outcome(
      of: process,
      [
        "-c", "exec \"$0\" evaluate \(command[program.upperBound...]) --out \"$1\"",
        try #require(toponasProcess().executableURL).path, "\(root.path)/again",
      ])
    #expect(again.status == 0, "\(again.error)")
    #expect(
      try String(contentsOfFile: "\(root.path)/again/config.json", encoding: .utf8)
        == String(contentsOfFile: "\(run)/config.json", encoding: .utf8))
  }

  @Test func `trainings are compared, with mean and deviation over the seeds`() throws {
    let runs = try (1...3).map { try train("seed\($0)", ["--seed", "\($0)"]) }
    let other = try train("other", ["--learning-rate", "0.01"])
    try FileManager.default.removeItem(atPath: "\(other)/summary.json")
    let out = "\(root.path)/page.html"
    let outcome = try toponas(["report"] + runs + [other, runs[0], "--out", out])
    #expect(outcome.status == 0, "\(outcome.error)")
    let page = try page(out)
    #expect(page.contains("<h1>4 trainings</h1>") && page.contains("3 seeds like seed1"))
    #expect(page.contains("other: This training was interrupted: 2 of 2 epochs are done."))
    #expect(page.contains("toponas evaluate --resume \(other)"))
    let head = try #require(page.firstMatch(of: /<thead>([\s\S]*?)<\/thead>/)).1
    #expect(head.contains("settings.learning_rate</th>") && !head.contains("settings.epochs"))
    let accuracies = try runs.map { run in
      let summary = try jsonObject(String(contentsOfFile: "\(run)/summary.json", encoding: .utf8))
      return 100 * (try #require(summary["test_accuracy"] as? Double))
    }
    let mean = accuracies.reduce(0, +) / 3
    let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let spread = String(format: "%.2f ± %.2f</td>", mean, (squares / 2).squareRoot())
    #expect(page.contains(spread), "\(spread)")
  }

  @Test func `what was only tested has a page without curves`() throws {
    let run = try train("run")
    let weights = "\(root.path)/weights.safetensors"
    #expect(try toponas(["export", run, "--out", weights]).status == 0)
    let tested = "\(root.path)/tested"
    let outcome = try toponas([
      "evaluate", "--weights", weights, "--epochs", "0", "--train-images", "40", "--test-images",
      "20", "--batch", "8", "--out", tested,
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    let page = try page("\(tested)/report.html")
    #expect(page.contains("Tested, not trained") && page.contains("No epoch is done."))
    #expect(page.contains("finished, 0 of 0 epochs"))
  }

  @Test func `a page says what became of a training that did not finish`() throws {
    let run = try train("run")
    try FileManager.default.removeItem(atPath: "\(run)/summary.json")
    func report() throws -> String {
      let outcome = try toponas(["report", run])
      #expect(outcome.status == 0, "\(outcome.error)")
      return try page("\(run)/report.html")
    }
    #expect(try report().contains("This training was interrupted: 2 of 2 epochs are done."))
    #expect(try report().contains("toponas evaluate --resume \(run)"))
    try root.write("{\"message\": \"loss <nan>\"}".utf8, to: "run/failure.json")
    #expect(
      try report().contains("This training failed when 2 of 2 epochs were done: loss &lt;nan&gt;"))
    let folder = try RunFolder(opening: run).locked()
    #expect(try report().contains("This training is running: 2 of 2 epochs are done."))
    withExtendedLifetime(folder) {}
    try FileManager.default.removeItem(atPath: "\(run)/metrics.jsonl")
    #expect(try report().contains("No epoch is done."))
  }

  @Test func `what is damaged is told with its file`() throws {
    let run = try train("run")
    for (file, text, message) in [
      ("summary.json", "{}", "summary.json: expected the result of a training as JSON"),
      ("metrics.jsonl", "{}\n", "metrics.jsonl, line 1: expected the metrics of epoch 1 as JSON"),
      ("config.json", "{}", "config.json: "),
    ] {
      let before = try root.read("run/\(file)")
      try root.write(text.utf8, to: "run/\(file)")
      try expectRefusal(["report", run], 65, "\(run)/\(message)")
      try root.write(before, to: "run/\(file)")
    }
  }

  @Test func `searches and trainings have pages of their own`() throws {
    let run = try train("run")
    let search = "\(root.path)/search"
    #expect(
      try toponas([
        "search", "--quiet", "--channels", "2", "--cells", "1", "--epochs", "1", "--train-images",
        "40", "--batch", "8", "--out", search,
      ]).status == 0)
    try expectRefusal(
      ["report", run, search, "--out", "\(root.path)/page.html"], 64,
      "expected searches or trainings, found both")
  }
}
