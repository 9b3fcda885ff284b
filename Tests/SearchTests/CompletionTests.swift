import Foundation
import TestSupport
import Testing

/// `toponas completions`, in the shells themselves.
@Suite("toponas completions", .serialized)
struct CompletionTests {
  /// A shell of this machine, with the program that asks it.
  private struct Asker {
    let shell: String

    /// Where the shell is; nil if it is not installed.
    var path: String? {
      ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":").map { "\($0)/\(shell)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// What the shell offers for the last of some words, for each line in turn.
    func answers(_ lines: [[String]], script: String, in folder: String) throws -> [[String]] {
      let program: String
      switch shell {
      case "bash": program = Self.bash(lines, script)
      case "fish": program = Self.fish(lines, script)
      default: program = try Self.zsh(lines, script, folder)
      }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: try #require(path))
      process.currentDirectoryURL = URL(fileURLWithPath: folder)
      let clean = ["bash": ["--norc"], "fish": ["--no-config"], "zsh": ["-f"]][shell, default: []]
      let outcome = try outcome(of: process, clean + ["-c", program], seconds: 120)
      #expect(outcome.status == 0, "\(outcome.error)")
      return outcome.output.components(separatedBy: "--- end ---\n").dropLast().map { answer in
        Set(answer.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }).sorted()
      }
    }

    private static func quoted(_ text: String) -> String {
      "'\(text.replacing("'", with: #"'\''"#))'"
    }

    private static func bash(_ lines: [[String]], _ script: String) -> String {
      "source \(quoted(script))\n"
        + lines.map { words in
          """
          COMP_WORDS=(\(words.map(quoted).joined(separator: " "))); COMP_CWORD=\(words.count - 1)
          _toponas 2> /dev/null; printf '%s\\n' "${COMPREPLY[@]}"; echo '--- end ---'
          """
        }.joined(separator: "\n")
    }

    private static func fish(_ lines: [[String]], _ script: String) -> String {
      "source \(quoted(script))\n"
        + lines.map { "complete -C \(quoted($0.joined(separator: " "))); echo '--- end ---'" }
        .joined(separator: "\n")
    }

    /// Completion needs the line editor of zsh, and that a terminal: a shell in a shell, whose `compadd` keeps a list.
    private static func zsh(_ lines: [[String]], _ script: String, _ folder: String) throws
      -> String
    {
      let setup = """
        PROMPT=
        autoload -Uz compinit
        compinit -u -D
        source \(quoted(script))
        bindkey '^I' complete-word
        zstyle ':completion:*' insert-tab false
        comppostfuncs=(told)
        told() { print -r -- '--- end ---' >> hits; compstate[list]= compstate[insert]=; exit }
        compadd() {
          if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\\ * ]]; then builtin compadd "$@"; return; fi
          local -a hits
          builtin compadd -A hits "$@"
          (( $#hits )) && print -rl -- $hits >> hits
          builtin compadd "$@"
        }
        print ready
        """
      try Data(setup.utf8).write(to: URL(fileURLWithPath: "\(folder)/setup.zsh"))
      let asking = lines.map { words in
        """
        zpty inner zsh -f -i
        zpty -w inner 'source ./setup.zsh'
        while zpty -r inner line; do [[ $line == ready* ]] && break; done
        zpty -w -n inner \(quoted(words.joined(separator: " ")))$'\\t'
        while zpty -r inner line; do :; done
        zpty -d inner
        """
      }
      return "zmodload zsh/zpty\n" + asking.joined(separator: "\n") + "\ncat hits; rm hits"
    }
  }

  private static let shells = ["bash", "zsh", "fish"].map(Asker.init)

  /// The shells that are here; of the others the log says that they were passed over.
  private func forEachShell(
    _ body: (_ ask: ([[String]]) throws -> [[String]]) throws -> Void
  ) throws {
    var asked = 0
    for asker in Self.shells {
      guard asker.path != nil else {
        print("note: \(asker.shell) is not installed: its completions were not asked for")
        continue
      }
      let folder = NSTemporaryDirectory() + "toponas-completions-\(UUID().uuidString)"
      try FileManager.default.createDirectory(
        atPath: "\(folder)/images", withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(atPath: folder) }
      try Data().write(to: URL(fileURLWithPath: "\(folder)/image.txt"))
      let outcome = try toponas(["completions", asker.shell])
      #expect(outcome.status == 0, "\(outcome.error)")
      try Data(outcome.output.utf8).write(to: URL(fileURLWithPath: "\(folder)/script"))
      try body { lines in
        try asker.answers(lines, script: "\(folder)/script", in: folder)
      }
      asked += 1
    }
    #expect(asked > 0, "no shell is here")
  }

  /// Without the slash that some shells put behind a folder.
  private func names(_ answer: [String]) -> [String] {
    answer.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
  }

  @Test func `shells complete commands, options, words and paths`() throws {
    let expected: [(line: String, answer: [String])] = [
      ("toponas se", ["search"]), ("toponas genotype c", ["convert"]),
      ("toponas help sim", ["simplify"]), ("toponas search --me", ["--merge", "--method"]),
      ("toponas search --method d", ["darts", "darts-minus", "darts2", "dots"]),
      ("toponas search --no-si", ["--no-simplify"]), ("toponas search --epochs ", []),
      ("toponas genotype convert x --to pt", ["pt.darts"]), ("toponas completions z", ["zsh"]),
      ("toponas search --data im", ["images"]),
      ("toponas search --config im", ["image.txt", "images"]),
      ("toponas genotype draw im", ["image.txt", "images"]), ("toponas runs im", ["images"]),
    ]
    try forEachShell { ask in
      let lines = expected.map { $0.line.components(separatedBy: " ") }
      let answers = try ask(lines)
      try #require(answers.count == expected.count)
      for (answer, expected) in zip(answers, expected) {
        #expect(names(answer) == expected.answer, "\(expected.line)")
      }
    }
  }

  @Test func `every option of every command is in its help and in its completions`() throws {
    let commands = commandNames(in: try toponas(["help"]).output)
    #expect(commands.count > 15)
    let options = try commands.map { command -> [String] in
      let help = try toponas(command.split(separator: " ").map(String.init) + ["--help"]).output
      let labels = help.split(separator: "\n").filter { $0.hasPrefix("  --") }
      return labels.flatMap { line in
        line.split(whereSeparator: { " ,".contains($0) }).filter { $0.hasPrefix("--") }
          .prefix { $0 != "--" }.map(String.init).prefix(line.contains(", --no-") ? 2 : 1)
      } + ["--help"]
    }
    try forEachShell { ask in
      let lines = commands.map { ["toponas"] + $0.split(separator: " ").map(String.init) + ["--"] }
      let answers = try ask(lines)
      try #require(answers.count == commands.count)
      for (index, answer) in answers.enumerated() {
        #expect(answer == options[index].sorted(), "\(commands[index])")
      }
    }
  }

  @Test(arguments: [
    (["completions"], "bash|zsh|fish is needed"), (["completions", "tcsh"], "found 'tcsh'"),
  ])
  func `an unknown shell is refused`(_ arguments: [String], _ message: String) throws {
    try expectRefusal(arguments, 64, message)
  }
}
