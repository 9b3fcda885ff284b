import CommandLineParsing
import Runs
import SearchSpaces

/// `toponas search`: searches a cell and leaves a run folder.
struct SearchCommand: Command {
  static let spec = CommandSpec(
    "search", summary: "Search a cell by DARTS or a relative of it.",
    discussion: """
      Trains a supernet that holds all cells of the space: its weights on one half of the images, its \
      architecture parameter alpha on the other. Ends with the derived cell, its cost, and the run folder.

      The run folder has all settings (config.json), a line for each epoch (metrics.jsonl), the logits of every edge \
      after every epoch (alphas.csv), the two last checkpoints, the derived cell (genotype.json), the result \
      (summary.json), and a page on all of it (report.html). The logits are named by their operations; with \
      --weights N2 they are logit0, logit1 and so on: first those of the outer sum of an edge, as \
      `toponas simplify --weights N2` prints it, then those of the sums inside it, one after the other.

      Methods: darts, and darts2, pc-darts, gdas, beta-darts and darts-minus, which differ from it as their \
      publications say; explicit-topology and dots, which learn what edges stay; gold-nas, whose gates leave one by one; \
      st-nas, which samples weights and evolves topologies; and random-search, the baseline. Each of them runs on the \
      spaces that can hold what it finds, simplified or not. Runs of gold-nas leave gates.csv in the place of alphas.csv, and \
      all architectures of their series in genotypes.json.

      Presets: tiny (under a minute on 2 cores), small (a CIFAR-10 subset, minutes), paper (the published \
      settings of DARTS, hours: --dry-run predicts how many; TopoNAS's own settings are not known; 250 epochs for gdas, 100 for beta-darts on \
      nasbench201, batches of 256 for pc-darts). Every other option overrides its preset. Ctrl-C saves and \
      ends; --resume goes on, with the same result as without the interruption. \
      \(SpaceEntry.slashes) The options from --variant to --weights say how the space is simplified; `toponas simplify` shows what they do.
      """,
    options: OptionSpec.all(SearchPlan.settings) + [
      NASBenchCommand.tableOption(
        "nasbench",
        " Its accuracies of the derived cell are shown and logged after every epoch; they do not change the search."
      ),
      CommonOptions.threads,
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The run folder to create.",
        default: "a free name in runs/"),
      OptionSpec(
        "resume", .text(placeholder: "RUN"),
        help: "Go on with the run in this folder, with its options, from its last checkpoint."),
      OptionSpec(
        "config", .text(placeholder: "FILE"),
        help: "Start from the config.json of another run instead of a preset."),
      CheckpointPace.option, CommonOptions.dryRun,
      OptionSpec("quiet", .flag, help: "Print the result alone."),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    try CommonOptions.withThreads(options, console) { try search(options, console) }
  }

  private static func search(_ options: ParsedOptions, _ console: Console) throws {
    if let run = options.text("resume") {
      return try SearchResume(run, options.values, not: options.beginnings, console).run(
        images: options.text("data"), benchmark: options.text("nasbench"), CheckpointPace(options))
    }
    let base = try options.text("config").map { file throws(SearchConfigError) in
      try SearchPlan(config: file)
    }
    let start = try SearchStart(
      of: SearchPlan(options.values, over: base), images: options.text("data"),
      benchmark: options.text("nasbench"), console)
    try start.withRun { run in
      if options.flag("dry-run") ?? false { return try run.rehearse(into: options.text("out")) }
      try run.run(into: options.text("out"), CheckpointPace(options))
    }
  }
}
