import CommandLineParsing

/// `toponas completions`: what a shell needs to complete command lines of this program.
struct CompletionsCommand: Command {
  static let spec = CommandSpec(
    "completions", summary: "Print a script by which a shell completes commands and options.",
    discussion: """
      With the script loaded, the tab key completes commands, options, and values: words that an option allows, files \
      and folders. It is made from the same description as this help. To load it at the start of every shell:

      bash: echo 'source <(toponas completions bash)' >> ~/.bashrc

      zsh: toponas completions zsh > ~/.zfunc/_toponas, a folder of fpath

      fish: toponas completions fish > ~/.config/fish/completions/toponas.fish
      """,
    operand: OptionSpec(
      "shell", .choice(Shell.allCases.map(\.rawValue)), help: "The shell.", isRequired: true),
    options: [])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    guard let shell = Shell(rawValue: options.requiredText("shell")) else { return }
    try console.print(text: String(shell.script(for: Toponas.spec).dropLast()))
  }
}
