import Messages
import Settings
import Testing

@testable import CommandLineParsing

/// A small program to parse for.
private let program = ProgramSpec(
  "tool", version: "1.2.3", summary: "Does things.",
  commands: [
    CommandSpec(
      "run", summary: "Run the thing.", discussion: "Runs the thing until it is done.",
      options: [
        OptionSpec("epochs", .integer(1...100), help: "Passes.", default: "10"),
        OptionSpec("rate", .number(-1...1), help: "Rate of change."),
        OptionSpec("mode", .choice(["fast", "slow"]), help: "How.", default: "fast"),
        OptionSpec("out", .text(placeholder: "DIR"), help: "Where to."),
        OptionSpec("color", .flag, help: "Colours, or none.", default: "--color"),
      ])
  ])

/// A small program whose command takes a word without dashes.
private let lister = ProgramSpec(
  "tool", version: "1", summary: "Lists things.",
  commands: [
    CommandSpec(
      "list", summary: "List.", discussion: "Lists a folder.",
      operand: OptionSpec("dir", .text(placeholder: "DIR"), help: "What to list.", default: "."),
      options: [OptionSpec("long", .flag, help: "More of each.")])
  ])

@Suite("Command line parser")
struct ParserTests {
  private func options(_ words: String...) -> ParsedOptions? {
    guard case .run("run", let options) = program.parse(["run"] + words) else { return nil }
    return options
  }

  private func errors(_ words: String...) -> [UsageError] {
    guard case .failure(let errors, _) = program.parse(words) else { return [] }
    return errors
  }

  @Test func `values in both spellings`() throws {
    let parsed = try #require(
      options("--epochs", "7", "--rate=-0.5", "--mode", "slow", "--out=a=b", "--no-color"))
    #expect(parsed.integer("epochs") == 7)
    #expect(parsed.number("rate") == -0.5)
    #expect(parsed.text("mode") == "slow")
    #expect(parsed.text("out") == "a=b")
    #expect(parsed.flag("color") == false)
  }

  @Test func `what is not given is nil`() throws {
    let parsed = try #require(options())
    #expect(parsed.integer("epochs") == nil && parsed.flag("color") == nil)
  }

  @Test func `the last of a repeated option counts, a negative number is a value`() throws {
    let parsed = try #require(
      options("--epochs", "1", "--epochs", "2", "--color", "--no-color", "--rate", "-1"))
    #expect(parsed.integer("epochs") == 2)
    #expect(parsed.flag("color") == false)
    #expect(parsed.number("rate") == -1)
  }

  @Test func `options can be spelled again, for another command`() throws {
    guard
      case .run(_, let given) = program.parse(
        ["run", "--rate=-0.1", "--no-color", "--out=-a b=", "--mode=slow", "--epochs", "7"])
    else {
      Issue.record("the words are not understood")
      return
    }
    let specs = program.commands[0].options.map(\.setting)
    let words = given.values.words(for: specs)
    #expect(
      words == [
        "--epochs", "7", "--rate", "-0.1", "--mode", "slow", "--out=-a b=", "--no-color",
      ])
    guard case .run(_, let again) = program.parse(["run"] + words) else {
      Issue.record("\(words) are not understood")
      return
    }
    #expect(again.values.words(for: specs) == words)
    #expect(given.values.words(for: [specs[1]]) == ["--rate", "-0.1"])
    #expect(ParsedOptions().values.words(for: specs).isEmpty)
  }

  @Test func `a single dash is a value`() throws {
    #expect(try #require(options("--out", "-")).text("out") == "-")
  }

  @Test(arguments: [["x", "--long"], ["--long", "x"], ["--long", "--", "x"]])
  func `a word without dashes`(_ words: [String]) throws {
    guard case .run("list", let options) = lister.parse(["list"] + words) else {
      Issue.record("\(words)")
      return
    }
    #expect(options.text("dir") == "x" && options.flag("long") == true)
    #expect(options.values.only(["dir"]) == ["dir": "x"])
  }

  @Test func `one word without dashes, no more and not empty`() {
    guard case .failure(let errors, _) = lister.parse(["list", "x", "y", "--", "z"]),
      case .failure(let empty, _) = lister.parse(["list", ""])
    else {
      Issue.record("accepted")
      return
    }
    #expect(errors == [.unexpectedArgument("y"), .unexpectedArgument("z")])
    #expect(empty == [.badValue(option: "DIR", found: "", expected: "DIR, not empty")])
    #expect(lister.usage(of: "list") == "tool list [DIR] [options]")
    #expect(lister.help(for: "list", width: 80).contains("\n  DIR  "))
  }

  @Test func `what is required is asked for, and told with the other errors`() {
    let joiner = ProgramSpec(
      "tool", version: "1", summary: "Joins things.",
      commands: [
        CommandSpec(
          "join", summary: "Join.", discussion: "Joins two files.",
          operands: [
            OptionSpec("a", .text(placeholder: "A"), help: "The first.", isRequired: true),
            OptionSpec("b", .choice(["x", "y"]), help: "The second.", isRequired: true),
          ],
          options: [
            OptionSpec("count", .integer(1...9), help: "How often.", isRequired: true)
          ])
      ])
    func errors(_ words: String...) -> [UsageError]? {
      guard case .failure(let errors, _) = joiner.parse(["join"] + words) else { return nil }
      return errors
    }
    #expect(errors("1", "y", "--count", "2") == nil)
    #expect(errors() == [.missing("A"), .missing("x|y"), .missing("--count")])
    #expect(errors("1", "x", "2", "--count=3") == [.unexpectedArgument("2")])
    #expect(
      errors("1", "z", "--count", "0") == [
        .badValue(option: "x|y", found: "z", expected: "one of x, y"),
        .badValue(option: "--count", found: "0", expected: "a whole number from 1 to 9"),
      ], "a wrong value is not missing too")
    #expect(joiner.usage(of: "join") == "tool join A x|y --count N [options]")
    let help = joiner.help(for: "join", width: 80)
    #expect(help.contains("\n  A                       The first. (required)"))
    #expect(help.contains("How often. (from 1 to 9; required)"))
  }

  @Test func `all errors of a line at once`() {
    #expect(
      errors("run", "--epochs", "0", "--mod", "slow", "extra", "--rate", "--color=yes", "--out")
        == [
          .badValue(option: "--epochs", found: "0", expected: "a whole number from 1 to 100"),
          .unknownOption("--mod", nearest: "--mode"), .unexpectedArgument("extra"),
          .missingValue(option: "--rate", expected: "a number from -1 to 1"),
          .unwantedValue(option: "--color", found: "yes"),
          .missingValue(option: "--out", expected: "DIR, not empty"),
        ])
  }

  @Test(arguments: ["x", "1.5", "", "101", "0x10", "99999999999999999999", "nan"])
  func `a value of the wrong kind`(_ text: String) {
    #expect(
      errors("run", "--epochs=\(text)")
        == [.badValue(option: "--epochs", found: text, expected: "a whole number from 1 to 100")])
  }

  @Test(arguments: ["nan", "inf", "2", "x"]) func `a number that is none`(_ text: String) {
    #expect(
      errors("run", "--rate", text)
        == [.badValue(option: "--rate", found: text, expected: "a number from -1 to 1")])
  }

  @Test func `words behind two dashes are no options`() {
    #expect(errors("run", "--", "--epochs") == [.unexpectedArgument("--epochs")])
  }

  @Test func `unknown commands with the nearest name`() {
    #expect(errors("rnu") == [.unknownCommand("rnu", nearest: "run")])
    #expect(errors("frobnicate") == [.unknownCommand("frobnicate", nearest: nil)])
    #expect(errors("help", "rum") == [.unknownCommand("rum", nearest: "run")])
    #expect(errors("help", "--version") == [.unknownOption("--version", nearest: nil)])
    #expect(errors("--epochs") == [.unknownOption("--epochs", nearest: nil)])
  }

  @Test func `help and version`() {
    func isHelp(_ words: [String], _ command: String?) -> Bool {
      if case .help(let found) = program.parse(words) { found == command } else { false }
    }
    #expect(
      isHelp([], nil) && isHelp(["help"], nil) && isHelp(["--help"], nil) && isHelp(["-h"], nil))
    #expect(isHelp(["help", "run"], "run"))
    #expect(isHelp(["help", "help"], nil))
    #expect(isHelp(["run", "--help"], "run"))
    #expect(isHelp(["run", "--epochs", "0", "-h"], "run"), "help wins over errors")
    guard case .version = program.parse(["--version"]) else {
      Issue.record("--version is not understood")
      return
    }
  }

  @Test func `the whole help of a command`() {
    #expect(
      program.help(for: "run", width: 60) == """
        Run the thing.

        USAGE
          tool run [options]

        Runs the thing until it is done.

        OPTIONS
          --epochs N              Passes. (from 1 to 100; default:
                                  10)
          --rate N                Rate of change. (from -1 to 1)
          --mode fast|slow        How. (default: fast)
          --out DIR               Where to.
          --color, --no-color     Colours, or none. (default:
                                  --color)
          -h, --help              Show this help.
        """)
  }

  @Test func `the whole overview`() {
    #expect(
      program.help(for: nil, width: 60) == """
        Does things.

        USAGE
          tool <command> [options]

        COMMANDS
          run                     Run the thing.
          help [command]          Show this overview, or the help of
                                  a command.

        OPTIONS
          --version               Show the version.
        """)
  }

  @Test func `the text of errors ends with usage and where to read more`() {
    #expect(
      program.errorText([.unknownOption("--mod", nearest: "--mode")], command: "run") == """
        error: unknown option '--mod'. Did you mean '--mode'?
        usage: tool run [options]
        See 'tool run --help'.
        """)
    #expect(
      program.errorText([.unknownCommand("x", nearest: nil)], command: nil) == """
        error: unknown command 'x'
        usage: tool <command> [options]
        See 'tool help'.
        """)
  }

  @Test func `help fits the width, and names every option`() {
    for width in [40, 72, 100] {
      let text = program.help(for: "run", width: width)
      #expect(text.split(separator: "\n").allSatisfy { $0.count <= max(width, 46) })
      for option in program.commands[0].options { #expect(text.contains("--\(option.name)")) }
    }
  }

  // MARK: Commands of two words

  private static let grouped = ProgramSpec(
    "tool", version: "1", summary: "Does things.",
    commands: [
      CommandSpec("run", summary: "Run the thing.", discussion: "", options: []),
      CommandSpec(
        "time kernels", summary: "Time the small.", discussion: "Each.",
        options: [OptionSpec("epochs", .integer(1...100), help: "Passes.")]),
      CommandSpec("time step", summary: "Time the whole.", discussion: "All.", options: []),
    ])

  private func errorText(_ words: String...) -> String {
    guard case .failure(let errors, let command) = Self.grouped.parse(words) else { return "" }
    return Self.grouped.errorText(errors, command: command)
  }

  @Test func `a command of two words has options of its own`() throws {
    guard
      case .run("time kernels", let options) = Self.grouped.parse(["time", "kernels", "--epochs=3"])
    else {
      Issue.record("the command is not understood")
      return
    }
    #expect(options.integer("epochs") == 3)
    #expect(
      errorText("time", "step", "--epochs", "3", "x") == """
        error: unknown option '--epochs'
        error: unexpected argument 'x'
        usage: tool time step [options]
        See 'tool time step --help'.
        """)
  }

  @Test func `the second word is missing or unknown`() {
    #expect(
      errorText("time") == """
        error: time must be followed by one of kernels, step
        usage: tool time kernels|step [options]
        See 'tool time --help'.
        """)
    #expect(errorText("time", "--epochs", "3") == errorText("time"))
    #expect(
      errorText("time", "stpe").hasPrefix(
        "error: time: expected one of kernels, step, found 'stpe'. Did you mean 'time step'?\n"))
    #expect(errorText("help", "time", "stpe") == errorText("time", "stpe"))
    #expect(errorText("tmie").hasPrefix("error: unknown command 'tmie'. Did you mean 'time'?\n"))
  }

  @Test func `help of a group and of its commands`() {
    func help(_ words: String...) -> String? {
      guard case .help(let command) = Self.grouped.parse(words) else { return nil }
      return Self.grouped.help(for: command, width: 60)
    }
    let group = """
      USAGE
        tool time kernels|step [options]

      COMMANDS
        time kernels            Time the small.
        time step               Time the whole.
      """
    #expect(help("time", "--help") == group && help("help", "time") == group)
    #expect(help("help", "time", "step")?.hasPrefix("Time the whole.\n") == true)
    #expect(help("time", "step", "-h") == help("help", "time", "step"))
    #expect(help("help")?.contains("  time kernels            Time the small.\n") == true)
  }

  @Test func `quotes of a shell hold quotation marks, with accents too`() {
    #expect(singleQuoted("it's a \"b\"") == #"'it'\''s a "b"'"#)
    #expect(singleQuoted("'\u{301}").unicodeScalars.elementsEqual("''\\''\u{301}'".unicodeScalars))
    #expect(singleQuoted("") == "''")
  }
}
