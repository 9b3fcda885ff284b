import Foundation
import TestSupport
import Testing

/// `toponas search --method` as a process.
@Suite("toponas search --method", .serialized)
struct MethodCommandTests {
  private let root = NSTemporaryDirectory() + "toponas-method-\(UUID().uuidString)"

  private func search(_ options: [String]) throws -> ProgramOutcome {
    try toponas(
      [
        "search", "--channels", "4", "--cells", "1", "--epochs", "2", "--train-images", "40",
        "--batch", "16", "--out", "\(root)/run",
      ] + options)
  }

  private func read(_ name: String) throws -> String {
    try String(contentsOfFile: "\(root)/run/\(name)", encoding: .utf8)
  }

  @Test(arguments: [
    (
      ["--method", "darts2", "--unrolled-rate", "0.01"], "second-order DARTS, xi 0.01",
      "unrolled_rate\" : 0.01"
    ),
    (
      ["--method", "gdas", "--tau-from", "5"], "GDAS, tau from 5.0 to 0.1",
      "tau_from\" : 5"
    ),
    (
      ["--method", "beta-darts"], "beta-DARTS, the decay's weight from 0 to 50",
      "lambda\" : 50"
    ),
    (
      ["--method", "darts-minus", "--skip-decay", "half-cosine"],
      "DARTS-, auxiliary skip connections from 1.0 to 0 (half-cosine)", "decay\" : \"half-cosine\""
    ),
    (
      ["--method", "explicit-topology", "--topology-on", "gdas", "--predecessors", "1-2"],
      "explicit topology learning, K = {1, 2}, tau from 10.0 to 0.02, on GDAS",
      "predecessors\" : \"1-2\""
    ),
    (
      ["--method", "dots", "--set-tau-to", "0.5"], "DOTS, tau from 10.0 to 0.5",
      "set_tau_to\" : 0.5"
    ),
  ])
  func `a method is announced, recorded and repeated`(
    _ options: [String], _ announced: String, _ recorded: String
  ) throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search(options)
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.error.contains("search   \(announced)"))
    let config = try read("config.json")
    #expect(
      config.contains("\"name\" : \"\(options[1])\"") && config.contains(recorded), "\(config)")
    #expect(outcome.output.contains(options.joined(separator: " ")), "in the command that compares")
  }

  @Test func `PC-DARTS writes its betas and says when alpha is frozen`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search([
      "--method", "pc-darts", "--partial-channels", "2", "--warm-up-epochs", "1",
    ])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(
      outcome.error.contains(
        "PC-DARTS on 1/2 of the channels, 2 epochs (alpha frozen in the first 1)"))
    #expect(outcome.error.contains("36 alphas and betas"))
    let rows = try read("alphas.csv").split(separator: "\n")
    #expect(rows[0].hasSuffix(",beta") && rows.count == 13)
    #expect(Set(rows.map { $0.count { $0 == "," } }) == [8])
    #expect(try read("config.json").contains("\"frozen_epochs\" : 1"))
  }

  @Test(arguments: [
    (["--tau-from", "3"], "--tau-from is an option of gdas, but the method is darts"),
    (
      ["--method", "gdas", "--lambda", "3"], "Hint: add --method beta-darts, or leave --lambda out."
    ),
    (["--method", "pc-darts", "--channels", "6"], "--channels 6: expected a multiple of 4"),
    (
      ["--method", "explicit-topology", "--loose-ends"],
      "--loose-ends: the output of nasbench201 is its last node"
    ),
    (
      ["--method", "explicit-topology", "--topology-on", "pc-darts", "--channels", "6"],
      "--channels 6: expected a multiple of 4"
    ),
    (
      ["--method", "gold-nas", "--space", "gold-nas", "--candidates", "darts", "--cells", "3"]
        + ["--weights", "N2"],
      "--weights N2: gold-nas has one logit for each operation"
    ),
    (
      ["--method", "dots", "--weights", "N2"], "--weights N2: dots has one logit for each operation"
    ),
    (["--method", "dots", "--epochs", "1"], "--epochs 1: the search has parts"),
    (
      ["--method", "gold-nas", "--space", "gold-nas", "--cells", "3", "--warm-up-epochs", "1"],
      "--warm-up-epochs is for methods that alternate steps of the weights and of alpha, which gold-nas"
    ),
    (["--method", "dots", "--warm-up-epochs", "1"], "which dots does not\nHint: leave it out"),
    (["--method", "st-nas", "--warm-up-epochs", "1"], "which st-nas does not"),
    (["--method", "random-search", "--warm-up-epochs", "1"], "which random-search does not"),
    (["--warm-up-epochs", "2"], "--warm-up-epochs 2: expected fewer than the 2 epochs"),
    (
      ["--method", "pcdarts"], "--method: expected one of darts, darts2, pc-darts, gdas, beta-darts"
    ),
  ])
  func `an option that does not fit is a usage error`(_ options: [String], _ message: String) throws
  {
    let outcome = try search(options)
    #expect(outcome.status == 64)
    #expect(outcome.error.contains(message), "\(outcome.error)")
  }

  /// Nodes without an edge, with one and with two, and an output of the loose ends.
  @Test func `cells whose nodes keep any number of edges are written, drawn, costed and trained`()
    throws
  {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let size = ["--space", "darts", "--cells", "3", "--channels", "2", "--train-images", "16"]
    let outcome = try search(
      size + ["--batch", "8", "--method", "explicit-topology", "--predecessors", "0-2"]
        + ["--loose-ends", "--invalid-penalty", "1", "--topology-level", "one-level"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(try read("marginals.csv").split(separator: "\n").count == 1 + 2 * 28)
    #expect(try read("subsets.csv").split(separator: "\n").count == 1 + 2 * 76)
    let page = try read("report.html")
    #expect(page.contains("Marginals, normal cell") && page.contains("as DARTS keeps them"))
    let found = try #require(
      outcome.output.split(separator: "\n").first?.dropFirst("genotype  ".count))
    let mixed =
      "Genotype(normal=[[], [('sep_conv_3x3', 0)], [('skip_connect', 0), ('max_pool_3x3', 1), ('dil_conv_3x3', 3)], []], "
      + "normal_concat=[4], reduce=[[('max_pool_3x3', 0)], [], [], [('skip_connect', 2)]], reduce_concat=range(2, 6))"
    for cell in [String(found), mixed] {
      for command in [["genotype", "draw"], ["genotype", "explain"], ["cost", "--genotype"]] {
        let told = try toponas(command + [cell])
        #expect(told.status == 0, "\(command): \(told.error)")
      }
    }
    let trained = try toponas([
      "evaluate", "--genotype", mixed, "--channels", "2", "--cells", "3", "--train-images", "16",
      "--test-images", "8", "--batch", "8", "--epochs", "1", "--out", "\(root)/trained",
    ])
    #expect(trained.status == 0, "\(trained.error)")
  }

  /// On NAS-Bench-201 an edge that is not kept is `none`.
  @Test func `DOTS tells its phases and what its derivation costs`() throws {
    defer { try? FileManager.default.removeItem(atPath: root) }
    let outcome = try search(["--method", "dots", "--epochs", "4"])
    #expect(outcome.status == 0, "\(outcome.error)")
    #expect(outcome.output.contains("none~"))
    let page = try read("report.html")
    for text in ["Balance, cell", "Marginals, cell", "of the derived cell with its weights"] {
      #expect(page.contains(text), "\(text)")
    }
    #expect(try read("metrics.jsonl").contains("\"phase\":\"topologySearch\""))
  }

  @Test func `the help names all methods and their numbers`() throws {
    let help = try toponas(["search", "--help"]).output
    for word in ["pc-darts", "--tau-to N", "default: 0.1", "--partial-channels N", "--skip-decay"] {
      #expect(help.contains(word), "\(word)")
    }
  }
}
