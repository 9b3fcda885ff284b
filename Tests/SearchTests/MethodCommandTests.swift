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

  @Test func `the help names all methods and their numbers`() throws {
    let help = try toponas(["search", "--help"]).output
    for word in ["pc-darts", "--tau-to N", "default: 0.1", "--partial-channels N", "--skip-decay"] {
      #expect(help.contains(word), "\(word)")
    }
  }
}
