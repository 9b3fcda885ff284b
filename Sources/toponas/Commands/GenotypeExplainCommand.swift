import CommandLineParsing
import Runs
import SearchSpaces

/// `toponas genotype explain`: what a genotype says, in words.
struct GenotypeExplainCommand: Command {
  static let spec = CommandSpec(
    "genotype explain", summary: "Say in words what a genotype computes, and what it costs.",
    discussion: """
      Prints, for every node of the cell, its inputs and operations, with the modules that these stand for; how deep \
      the cell is and how many pixels of its input an output pixel sees; operations that pass on nothing \
      of the image; parameters and MACs of the network that the benchmark, DARTS or GOLD-NAS builds from it; and the same \
      genotype in all its text formats.
      """,
    operand: GenotypeInput.operand,
    options: [
      NASBenchCommand.tableOption("nasbench", " Adds the accuracies and ranks of the cell."),
      CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let input = try GenotypeInput(operand: options, console)
    let table = try options.text("nasbench").map { file throws(NASBench201TableError) in
      try NASBench201Table(file: file)
    }
    if table != nil, !input.genotype.entry.isBenchmarked {
      throw GenotypeCommandError.notInBenchmark(input.space)
    }
    let result = try ExplainedGenotype(input, table)
    if options.flag("json") ?? false {
      try console.print(json: result)
    } else {
      try console.print(text: result.text)
    }
  }
}
