import Testing

@testable import CommandLineParsing

/// Ten thousand command lines at random: whatever a user types gets an answer.
@Suite("Random command lines")
struct ParserFuzzTests {
  private let program = ProgramSpec(
    "tool", version: "1", summary: "Does things.",
    commands: [
      CommandSpec(
        "run", summary: "Run.", discussion: "Runs.",
        operands: [
          OptionSpec("from", .text(placeholder: "FILE"), help: "From.", isRequired: true),
          OptionSpec("to", .choice(["a", "b"]), help: "To."),
        ],
        options: [
          OptionSpec("epochs", .integer(1...100), help: "Passes."),
          OptionSpec("rate", .number(-1...1), help: "Rate.", isRequired: true),
          OptionSpec("mode", .choice(["fast", "slow"]), help: "How."),
          OptionSpec("color", .flag, help: "Colours."),
        ]),
      CommandSpec("data get", summary: "Get.", discussion: "Gets.", options: []),
      CommandSpec("data put", summary: "Put.", discussion: "Puts.", options: []),
    ])

  /// The generator of Steele, Lea and Flood (SplitMix64).
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }

  private static let words = [
    "run", "data", "get", "put", "help", "--help", "-h", "--version", "--", "-", "", "=", "--=",
    "--epochs", "--epochs=", "--epochs=5", "--rate", "--rate=0.5", "--rate=nan", "--mode", "fast",
    "--no-color", "--color", "--color=1", "--no-", "--no-epochs", "-e", "7", "-0.25", "1e999", "a",
    "9223372036854775808", "--eposch", "rnu", "\u{0}", "\n", "\u{1F468}\u{200D}\u{1F469}",
    "-\u{301}",
  ]

  /// A word of the list, at times with its letters stirred, or one of any characters.
  private func word(_ generator: inout Generator) -> String {
    let word = Self.words.randomElement(using: &generator) ?? ""
    switch Int.random(in: 0..<10, using: &generator) {
    case 0: return String(word.shuffled(using: &generator))
    case 1:
      let scalars = (0..<Int.random(in: 0..<12, using: &generator)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: 0..<0x3000, using: &generator))
      }
      return String(String.UnicodeScalarView(scalars))
    default: return word
    }
  }

  @Test func `ten thousand random command lines are answered`() {
    var generator = Generator(state: 1)
    var counts = ["run": 0, "help": 0, "version": 0, "failure": 0]
    for _ in 0..<10_000 {
      var line = (0..<Int.random(in: 0..<8, using: &generator)).map { _ in word(&generator) }
      // Else hardly any line would get as far as the options.
      if Bool.random(using: &generator) { line.insert("run", at: 0) }
      switch program.parse(line) {
      case .run(let name, let options):
        counts["run", default: 0] += 1
        #expect(program.commands.contains { $0.name == name })
        #expect(name != "run" || options.isGiven("rate") && options.isGiven("from"), "\(line)")
        #expect(options.integer("epochs").map { 1...100 ~= $0 } ?? true, "\(line)")
      case .help(let name):
        counts["help", default: 0] += 1
        #expect(!program.help(for: name, width: 60).isEmpty)
      case .version: counts["version", default: 0] += 1
      case .failure(let errors, let command):
        counts["failure", default: 0] += 1
        #expect(!errors.isEmpty && errors.allSatisfy { !$0.message.text.isEmpty }, "\(line)")
        #expect(program.errorText(errors, command: command).contains("usage: tool"))
      }
    }
    #expect(counts.values.allSatisfy { $0 > 10 }, "every answer occurs: \(counts)")
  }
}
