import CommandLineParsing
import Messages
import Reports
import Runs
import SearchSpaces
import TopologicalSimplification

/// `toponas cost`: what a search space costs before and after its simplification, or what a genotype costs.
struct CostCommand: Command {
  static let spec = CommandSpec(
    "cost", summary: "Show what a supernet, or the network of a genotype, costs.",
    discussion: """
      Counts, without running anything: modules by type, multiply-accumulates (MACs; FLOPs are 2 x MACs), \
      trained parameters and the weights that are executed, for an edge, a cell and the whole supernet, \
      plain and simplified. The peak memory of tensors in a search step of first-order DARTS is measured on 11 images, \
      which takes about a second, and scaled to the whole batch; for a network that this machine cannot hold, a lower \
      bound is printed. Of st-nas, where the edges are what is searched, it also says how many topologies there are, all \
      digits.

      With --genotype: parameters and MACs of the network that the genotype becomes, for images of 32 x 32 pixels. The \
      auxiliary head of DARTS and GOLD-NAS, a second classifier that runs in training only, is counted with --auxiliary, and \
      listed separately, as published sizes exclude it.
      """,
    options: [
      OptionSpec(
        "preset", .choice(SizePreset.allCases.map(\.rawValue)),
        help: "Of a space: the size of which search to start from.",
        default: SizePreset.paper.rawValue)
    ] + SearchedEdge.spaceOptions + OptionSpec.all(Simplification.settings) + [
      GenotypeInput.option(),
      OptionSpec(
        "channels", .integer(1...512), help: "Channels C of the first cells.",
        default: "16, for gold-nas 36; 36 for a genotype of DARTS or GOLD-NAS"),
      OptionSpec(
        "cells", .integer(1...100),
        help:
          "Cells: in each of the three stages of nasbench201, all of them of darts and gold-nas, the stages of st-nas.",
        default:
          "5 for nasbench201; 8 for darts, 20 for a genotype of DARTS; 14 for gold-nas, 5 for st-nas, the own ones of a genotype of either"
      ),
      OptionSpec(
        "classes", .integer(2...100_000), help: "Classes of the images.", default: "10"),
      OptionSpec(
        "batch", .integer(1...4096), help: "Images per step, for the peak memory.", default: "64"),
      OptionSpec(
        "auxiliary", .flag,
        help: "For a genotype of DARTS or GOLD-NAS: count the auxiliary head too.",
        default: "--no-auxiliary"),
      CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let wantsJSON = options.flag("json") ?? false
    let auxiliary = options.flag("auxiliary") ?? false
    guard let genotype = options.text("genotype") else {
      guard !auxiliary else { throw CostCommandError.onlyWithGenotype }
      let result = try SpaceCost(options.values)
      return wantsJSON
        ? try console.print(json: SpaceCostSummary(result)) : try console.print(text: result.text)
    }
    try checkAlone(options)
    let result = try GenotypeCost(
      GenotypeInput(genotype, remark: console.error), channels: options.integer("channels"),
      cells: options.integer("cells"), classes: options.integer("classes"), auxiliary: auxiliary)
    return wantsJSON ? try console.print(json: result) : try console.print(text: result.text)
  }

  /// A genotype belongs to one space, and is not simplified.
  private static func checkAlone(_ options: ParsedOptions) throws(CostCommandError) {
    let others =
      (["preset", "space", "batch"] + SpaceOptions.settings.map(\.setting.name)
      + Simplification.settings.map(\.setting.name)).filter(
        options.isGiven)
    guard others.isEmpty else { throw .notWithGenotype(others) }
  }
}

/// Why the options of `toponas cost` do not fit together.
enum CostCommandError: UserError, Equatable {
  /// Options that choose a search space, beside a genotype.
  case notWithGenotype([String])
  /// A supernet has no auxiliary head.
  case onlyWithGenotype
  /// The network of the benchmark has none either.
  case noAuxiliaryHead
  /// Too few cells for the two that halve the image.
  case tooFewCells(Int, SearchedSpace)
  /// The genotype says what each of its cells is, and there are others.
  case otherCells(Int, own: Int)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .notWithGenotype(let options):
      """
      \(options.map { "--\($0)" }.joined(separator: ", ")): not together with --genotype
      Hint: a genotype names its space, and is neither simplified nor searched; leave these options out.
      """
    case .onlyWithGenotype:
      """
      --auxiliary: only together with --genotype
      Hint: a supernet has no auxiliary head; leave it out, or name cells of DARTS or GOLD-NAS.
      """
    case .noAuxiliaryHead:
      """
      --auxiliary is for cells of DARTS and GOLD-NAS; the networks of other genotypes have no auxiliary head
      Hint: leave it out.
      """
    case .tooFewCells(let count, let space):
      """
      --cells \(count): a network of \(space.entry.words.genotype) has at least \(space.entry.leastDerivedCells), those that halve the image
      Hint: the published network has \(space.entry.trainingSize(.paper).network.cells).
      """
    case .otherCells(let count, let own):
      """
      --cells \(count): the genotype has \(counted(own, "cell")), each with operations of its own
      Hint: leave it out.
      """
    }
  }
}
