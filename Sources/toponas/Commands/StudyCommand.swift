import CommandLineParsing
import Reports
import Runs
import SearchSpaces

/// `toponas study`: many searches, and the table and figure that compare them.
struct StudyCommand: Command {
  static let spec = CommandSpec(
    "study", summary: "Compare methods on plain and simplified spaces over several seeds.",
    discussion: """
      Runs `toponas search` for every combination of seed, method and kind of space, one after another, each as a \
      process of its own. Each leaves a run folder OUT/SPACE-METHOD-KIND-seedK. \
      Finished searches are not run again, and interrupted ones are resumed: to continue an interrupted study, or to \
      add seeds, give the same command again.

      At the end the tables are printed and written to study.txt, study.json and study.csv (one row per search). \
      study.svg and study-memory.svg draw accuracy over cost, with an arrow from plain to simplified; \
      study-course.svg draws what the searches would have found after each epoch, from study-course.csv. \
      Ratios are those of the searches of one method and seed, simplified over plain; the number after ± is the \
      standard deviation over the seeds (of a sample, n - 1). A second table has the differences, seed by seed, \
      with the p-value of a sign-flip test: what chance does as often is no result.

      Cost in the figures is time per step, or the most that tensors held at one time, in units of plain DARTS (of the \
      first method if DARTS is not compared). A ratio that is within 1 % of 1, or within its deviation over the seeds, \
      is marked as noise. How the authors' normalized cost is defined is not known.

      On a Slurm cluster each search can be a task. The count of searches is the last number that --list prints; \
      --threads should equal --cpus-per-task; --table-only makes the table afterwards. Times of tasks \
      that share a node are not comparable: for those, run the study on one machine, or give each task a node.
      count=$(toponas study ... --list | awk 'END { print $1 }')
      task='toponas study ... --threads 2 --cell $SLURM_ARRAY_TASK_ID'
      sbatch --array=1-$count --cpus-per-task=2 --wrap "$task"
      toponas study ... --table-only
      """,
    options: [
      OptionSpec(
        "methods", .text(placeholder: "LIST"),
        help:
          "Search methods, separated by commas: \(StudyPlan.methodNames.joined(separator: ", ")).",
        default: StudyPlan.methodNames[0]),
      OptionSpec(
        "simplify", .choice(["both", "yes", "no"]),
        help: "Search the space plain and simplified, only simplified, or only plain.",
        default: "both"),
      OptionSpec(
        "also", .text(placeholder: "ARMS"),
        help:
          "More simplified spaces, for ablations: 'P=--variant P; KN-0=--kernel-norm 0' adds two kinds, named P "
          + "and KN-0. What is not given there is as for the kind 'simplified'."),
      OptionSpec("seeds", .integer(1...1000), help: "Seeds 1, 2, ... of each.", default: "3"),
      OptionSpec(
        "cell", .integer(1...1_000_000),
        help: "Run this search alone, by its number in --list, and print no table."),
      OptionSpec("list", .flag, help: "Print the searches and their states, and run none."),
      OptionSpec("table-only", .flag, help: "Make the table of what is finished, and run nothing."),
      OptionSpec(
        "out", .text(placeholder: "DIR"), help: "The folder of the study; it may exist.",
        default: "runs/study"),
      NASBenchCommand.tableOption(
        "nasbench", " The accuracies of derived cells go into table and figure."),
    ] + OptionSpec.all(StudyPlan.settings) + StudyPlan.runOptions + [
      OptionSpec("quiet", .flag, help: "Print the table alone.")
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    var console = console
    console.isQuiet = options.flag("quiet") ?? false
    let plan = try StudyPlan(options)
    let table = try plan.searches[0].plan.benchmark(options.text("nasbench"))
    if options.flag("list") ?? false { return try list(plan, console) }
    let folder = try RunFolder(creatingIfNeeded: plan.folder)
    let study = StudyRun(plan, table, console) { try $0.run(options) }
    if let number = options.integer("cell") {
      guard let search = plan.searches.first(where: { $0.number == number }) else {
        throw StudyError.noSuchSearch(number, count: plan.searches.count)
      }
      return try study.run([search])
    }
    var failure: (any Error)?
    if !(options.flag("table-only") ?? false) {
      do { try study.run(plan.searches) } catch { failure = error }
    }
    // What was interrupted is no result, but what failed must not hide the others.
    if case .interrupted = failure as? StudyError { throw StudyError.interrupted }
    try report(study, folder, console)
    if let failure { throw failure }
  }

  private static func list(_ plan: StudyPlan, _ console: Console) throws {
    var table = TextTable(head: ["number", "search", "state"], numeric: [0])
    table.rows = try plan.searches.map { search in
      ["\(search.number)", search.name, try search.state().text]
    }
    try console.print(text: table.text)
  }

  private static func report(_ study: StudyRun, _ folder: RunFolder, _ console: Console) throws {
    let results = try study.results()
    try study.tellMissing()
    guard !results.isEmpty else {
      try console.print("no search in \(folder.path) is finished")
      return
    }
    let report = StudyReport(study.plan, results, columns: study.table?.columns ?? [])
    try folder.write(report.text + "\n", to: "study.txt")
    try folder.write(json: report, to: "study.json")
    try folder.write(report.csv, to: "study.csv")
    try folder.write(report.figure(.time).svg, to: "study.svg")
    try folder.write(report.figure(.memory).svg, to: "study-memory.svg")
    let course = try study.course()
    try folder.write(course.csv, to: "study-course.csv")
    var files = [
      "study.txt", "study.json", "study.csv", "study.svg", "study-memory.svg", "study-course.csv",
    ]
    if let figure = course.figure {
      try folder.write(figure.svg, to: "study-course.svg")
      files.append("study-course.svg")
    }
    try console.print(
      "\(verbatim: report.text)\n\nwrote \(files.joined(separator: ", ")) in \(folder.path)")
  }
}
