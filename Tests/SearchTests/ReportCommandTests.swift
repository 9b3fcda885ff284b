import Foundation
import Reports
import TestSupport
import Testing

/// `toponas report` as a process.
@Suite("toponas report")
struct ReportCommandTests {
  private let root: TemporaryFolder

  init() throws { root = try TemporaryFolder() }

  private static let size = [
    "--channels", "2", "--cells", "1", "--epochs", "2", "--train-images", "40", "--batch", "16",
  ]

  private func search(_ name: String, _ more: [String] = []) throws -> String {
    let run = "\(root.path)/\(name)"
    let outcome = try toponas(["search", "--out", run] + Self.size + more)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("report    \(run)/report.html\n"))
    return run
  }

  /// The page on some runs, which must be well-formed and need nothing else.
  private func report(_ runs: [String]) throws -> String {
    let outcome = try toponas(["report"] + runs + ["--out", "\(root.path)/page.html"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output == "wrote \(root.path)/page.html\n")
    let page = String(decoding: try root.read("page.html"), as: UTF8.self)
    #expect(firstUnbalancedTag(in: page) == nil)
    for foreign in ["<script", "http", "url(", " src=", " href="] {
      #expect(!page.contains(foreign), "\(foreign)")
    }
    return page
  }

  /// The names and values of a page, without their tags.
  private func facts(_ page: String) -> [String: String] {
    Dictionary(
      page.matches(of: /<dt>([^<]*)<\/dt>\n<dd>([^<]*)<\/dd>/).map { (String($0.1), String($0.2)) },
      uniquingKeysWith: { first, _ in first })
  }

  // MARK: One run

  /// The search hands on the peaks that it predicted, one of them if the space is plain; the command measures both.
  @Test(arguments: [[], ["--no-simplify"]])
  func `a search leaves its page, and the command makes the same`(_ options: [String]) throws {
    let run = try search("a<b>&\"c' d", options)
    let written = try String(contentsOfFile: "\(run)/report.html", encoding: .utf8)
    #expect(try report([run]) == written)
    #expect(try toponas(["report", run]).status == 0)
    #expect(try String(contentsOfFile: "\(run)/report.html", encoding: .utf8) == written)
    #expect(written.contains("<h1>a&lt;b&gt;&amp;&quot;c' d</h1>"))
    #expect(!written.contains("<b>"))
  }

  @Test func `a page has the numbers of the run`() throws {
    let run = try search("run", ["--space", "darts", "--cells", "3"])
    let page = try report([run])
    let lines = try String(contentsOfFile: "\(run)/metrics.jsonl", encoding: .utf8)
      .split(separator: "\n").map { try jsonObject(String($0)) }
    let last = try #require(lines.last)
    let accuracy = 100 * (try #require(last["validation_accuracy"] as? Double))
    let genotype = try #require(last["genotype"] as? String)
    let facts = facts(page)
    #expect(facts["state"] == "finished, 2 of 2 epochs")
    #expect(facts["derived cell"] == genotype)
    #expect(
      facts["supernet"]?.hasPrefix(String(format: "validation accuracy %.1f %%", accuracy)) ?? false
    )
    for line in lines {
      let loss = try #require(line["validation_loss"] as? Double)
      #expect(page.contains(String(format: "<td class=\"number\">%.4f</td>", loss)))
    }
    // The weights of the last epoch: of every edge they sum to 1.
    let rows = page.matches(
      of:
        /<th scope="row" class="word">\d \u{2192} \d<\/th>\n((<td class="number">[0-9.]+<\/td>\n){8})/
    )
    #expect(rows.count == 28)
    for row in rows {
      let weights = row.1.matches(of: />([0-9.]+)</).compactMap { Double($0.1) }
      #expect(weights.count == 8 && abs(weights.reduce(0, +) - 1) < 1e-3)
    }
    #expect(page.contains("Weights of the operations, reduction cell"))
    // The axis of the entropy goes from 0 to where nothing is decided, so that a small change looks small.
    #expect(page.contains("undecided: log 8 = 2.079: from 2.079 at 1 to 2.079 at 2"))
    let memory = try #require(facts["memory"])
    #expect(memory.contains(" MiB at most in tensors, ") && memory.contains(" MiB in the process"))
    for words in ["PMS, partial module sharing", "Exact at one-hot weights", "log M nats"] {
      #expect(page.contains(words), "\(words)")
    }
  }

  @Test(arguments: [
    ["--variant", "P", "--kernel-norm", "2", "--method", "beta-darts", "--lambda", "3"],
    ["--no-simplify", "--seed", "7", "--method", "gdas"],
    [
      "--space", "darts", "--cells", "3", "--floating", "none", "--weights", "N2", "--join-pools",
      "--merge", "always",
    ],
  ])
  func `the command on the page makes the same run`(_ options: [String]) throws {
    let run = try search("run", options)
    let page = try report([run])
    let command = try #require(page.firstMatch(of: /<code>(.*)<\/code>/)).1
      .replacing("<span>", with: "").replacing("</span>", with: "")
    // In front of it stands how this build is started.
    let program = try #require(command.firstRange(of: "toponas search "))
    let words = ["search"] + command[program.upperBound...].split(separator: " ").map(String.init)
    let again = "\(root.path)/again"
    #expect(try toponas(words + ["--out", again]).status == 0)
    for file in ["config.json", "alphas.csv"] {
      #expect(try root.read("again/\(file)") == root.read("run/\(file)"), "\(file)")
    }
  }

  /// PC-DARTS sends a part of the channels through the operations, DARTS- has skips beside them, on DARTS with weights.
  @Test(arguments: [
    ["--method", "pc-darts", "--channels", "8"], ["--method", "darts-minus"],
    ["--method", "pc-darts", "--partial-channels", "2", "--space", "darts", "--cells", "3"],
    ["--method", "darts-minus", "--space", "darts", "--cells", "3"], ["--method", "gdas"],
  ])
  func `the costs on a page are those of the supernet that is searched`(
    _ options: [String]
  ) throws {
    let run = "\(root.path)/run"
    let outcome = try toponas(["search", "--out", run] + Self.size + options)
    let weights = try #require(outcome.error.firstMatch(of: /: ([0-9,]+) weights,/)).1
    let page = try report([run])
    let row = try #require(
      page.firstMatch(
        of:
          /weights of the supernet<\/th>\n<td class="number">[0-9,]+<\/td>\n<td class="number">([0-9,]+)</
      ))
    #expect(row.1 == weights, "\(outcome.error)")
  }

  // MARK: Several runs

  /// A run folder without a search: epochs with these accuracies, which cost `cost` units of time and memory.
  private func write(
    _ name: String, like run: String, seed: Int, cost: Int? = nil, accuracies: [Double]
  ) throws -> String {
    let cost = cost ?? seed
    let config = try String(contentsOfFile: "\(run)/config.json", encoding: .utf8)
    try root.write(
      config.replacing("\"seed\" : 1", with: "\"seed\" : \(seed)").utf8, to: "\(name)/config.json")
    let lines = accuracies.enumerated().map { epoch, accuracy in
      """
      {"alpha_entropy":1.5,"epoch":\(epoch + 1),"genotype":"|none~0|+|none~0|none~1|+|none~0|none~1|skip_connect~2|",\
      "learning_rate":0.1,"peak_memory_bytes":9000000,"peak_tensor_bytes":\(cost * 1_048_576),"seconds":\(cost),"seconds_per_step":\(Double(cost) / 100),\
      "skip_count":1,"training_accuracy":0.25,"training_loss":2,"validation_accuracy":\(accuracy),"validation_loss":\(seed)}
      """
    }
    try root.write((lines.joined(separator: "\n") + "\n").utf8, to: "\(name)/metrics.jsonl")
    try root.write("{}".utf8, to: "\(name)/summary.json")
    return "\(root.path)/\(name)"
  }

  @Test func `runs that differ in the seed alone have a mean and a deviation`() throws {
    let run = try search("run")
    let runs = [
      try write("one", like: run, seed: 1, accuracies: [0.2, 0.5]),
      try write("two", like: run, seed: 2, accuracies: [0.3, 0.6]),
      try write("three", like: run, seed: 3, accuracies: [0.4, 0.7]),
    ]
    let page = try report(runs)
    let strong = try #require(
      page.firstMatch(of: /<tr class="strong">((?:(?!<\/tr>)[\s\S])*)<\/tr>/))
    let cells = strong.1.matches(of: />([^<\n]*)<\//).map { String($0.1) }
    #expect(
      cells == [
        "darts, simplified (3 seeds)", "", "", "", "60.00 ± 10.00", "20.0 ± 10.0", "4.0 ± 2.0",
        "2 ± 1",
        "1.0 ± 0.0",
      ])
    #expect(page.contains("half for alpha: from 30 at 1 to 60 at 2, lowest 30, highest 60."))
    #expect(page.contains("half for alpha: from 2 at 1 to 2 at 2, lowest 2, highest 2."))
    #expect(page.contains("fill-opacity=\"0.18\""), "a band")
    let again = try report(runs + ["\(root.path)/./two/"])
    #expect(again == page, "a run that is named twice counts once")
    // An unfinished run, or one of other settings, is no part of the mean.
    try FileManager.default.removeItem(atPath: "\(runs[2])/summary.json")
    let fewer = try report(runs)
    #expect(fewer.contains("55.00 ± 7.07") && fewer.contains("(2 seeds)"))
    #expect(fewer.contains("three: This search was interrupted: 2 of 2 epochs are done."))
    let config = try String(contentsOfFile: "\(runs[1])/config.json", encoding: .utf8)
    try root.write(
      config.replacing("\"batch_size\" : 16", with: "\"batch_size\" : 8").utf8,
      to: "two/config.json")
    let none = try report(runs)
    #expect(!none.contains("<tr class=\"strong\">"))
    #expect(none.contains("darts, simplified, settings.batch_size 8"))
  }

  @Test func `simplified searches are compared with plain ones of the same seed and settings`()
    throws
  {
    let (simplified, plain) = (try search("s"), try search("p", ["--no-simplify"]))
    let runs = [
      try write("s1", like: simplified, seed: 1, cost: 3, accuracies: [0.5]),
      try write("s2", like: simplified, seed: 2, cost: 5, accuracies: [0.5]),
      try write("s3", like: simplified, seed: 3, cost: 5, accuracies: [0.5]),
      try write("p1", like: plain, seed: 1, cost: 4, accuracies: [0.5]),
      try write("p2", like: plain, seed: 2, cost: 4, accuracies: [0.5]),
    ]
    func ratios(_ page: String) -> [String]? {
      guard let table = page.firstRange(of: "Measured ratios: ") else { return nil }
      let row = page[table.upperBound...].firstMatch(of: /<tbody>((?:(?!<\/tbody>)[\s\S])*)/)
      return row?.1.matches(of: />([^<\n]+)<\/t/).map { String($0.1) }
    }
    #expect(
      ratios(try report(runs)) == [
        "darts, simplified (3 seeds)", "2", "1.000 ± 0.354 (noise)", "1.000 ± 0.354 (noise)",
      ])
    #expect(ratios(try report(Array(runs[..<3]))) == nil, "no plain search")
    let config = try String(contentsOfFile: "\(runs[3])/config.json", encoding: .utf8)
    try root.write(
      config.replacing("\"batch_size\" : 16", with: "\"batch_size\" : 8").utf8,
      to: "p1/config.json")
    #expect(ratios(try report(runs))?[1...] == ["1", "1.250", "1.250"])
  }

  @Test func `settings are words, and the pictures have the costs of the run's size`() throws {
    let page = try report([try search("run")])
    #expect(page.contains(/is_simplified<\/th>\n<td class="word">true</))
    #expect(page.contains("(2 channels, 32 x 32)") && !page.contains("(16 channels"))
  }

  // MARK: What is not finished, or damaged

  @Test func `a page says what became of a search that did not finish`() throws {
    let run = try search("run")
    try FileManager.default.removeItem(atPath: "\(run)/summary.json")
    let interrupted = try report([run])
    #expect(interrupted.contains("This search was interrupted: 2 of 2 epochs are done."))
    #expect(interrupted.contains("toponas search --resume \(run)"))
    try root.write("{\"message\": \"loss <nan> & so on\"}".utf8, to: "run/failure.json")
    #expect(
      try report([run]).contains(
        "This search failed when 2 of 2 epochs were done: loss &lt;nan&gt; &amp; so on"))
    try root.write("{".utf8, to: "run/failure.json")
    #expect(try report([run]).contains("were done: for unknown reasons"))
    let lock = try RunFolder(opening: run).locked()
    #expect(try report([run]).contains("This search is running: 2 of 2 epochs are done."))
    withExtendedLifetime(lock) {}
    // A line that is only half there is no epoch yet.
    for file in ["metrics.jsonl", "alphas.csv"] {
      try root.write(root.read("run/\(file)").dropLast(20), to: "run/\(file)")
    }
    let half = try report([run])
    #expect(
      facts(half)["state"] == "running, 1 of 2 epochs"
        || facts(half)["state"] == "failed, 1 of 2 epochs")
    for file in ["metrics.jsonl", "alphas.csv"] {
      try FileManager.default.removeItem(atPath: "\(run)/\(file)")
    }
    let empty = try report([run])
    #expect(empty.contains("No epoch is done.") && empty.contains("There are no alphas to show."))
    #expect(facts(empty)["epochs"] == "0 of 2 epochs")
  }

  @Test func `what is damaged is told once, with its place`() throws {
    let run = try search("run")
    let metrics = try root.read("run/metrics.jsonl")
    let alphas = String(decoding: try root.read("run/alphas.csv"), as: UTF8.self)
    func refuse(_ text: String, in file: String, _ message: String) throws {
      let before = try root.read("run/\(file)")
      try root.write(text.utf8, to: "run/\(file)")
      try expectRefusal(["report", run], 65, message)
      try root.write(before, to: "run/\(file)")
    }
    try refuse("{\"seed\": NaN}\n", in: "metrics.jsonl", "metrics.jsonl, line 1")
    let text = String(decoding: metrics, as: UTF8.self)
    try refuse(text.replacing("|+|", with: "|-|"), in: "metrics.jsonl", "a genotype of nasbench201")
    try refuse(
      alphas.replacing("2,cell,0->2,", with: "2,cell,0->2,x"), in: "alphas.csv",
      "alphas.csv, line 9: expected the alphas of cell, edge 0->2, in epoch 2")
    try refuse(
      alphas.replacing("2,cell,0->2,", with: "2,cell,0->1,"), in: "alphas.csv",
      "alphas.csv, line 9: expected the alphas of cell, edge 0->2, in epoch 2")
    try refuse("{}", in: "config.json", "missing")
    try refuse("[", in: "config.json", "config.json")
    try expectRefusal(["report", root.path], 66, "no config.json")
    try expectRefusal(["report", run, "--out", "\(root.path)/none/x.html"], 73, "cannot write")
    try expectRefusal(["report"], 64, "the folder of a run")
    try expectRefusal(["report", run, run], 64, "a report on 2 runs needs --out FILE")
  }
}
