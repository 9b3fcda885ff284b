import CommandLineParsing
import Messages
import NeuralNetworks
import Reports
import Runs
import SearchMethods
import SearchSpaces
import TensorFiles

/// `toponas export`: writes the weights of a run for other programs.
struct ExportCommand: Command {
  static let spec = CommandSpec(
    "export", summary: "Write the weights of a run as a safetensors file, for PyTorch and others.",
    discussion: """
      Takes the last checkpoint of a search, which holds a supernet, or of `toponas evaluate`, which holds the network \
      of a derived cell. The file has all trained weights, the alphas (and betas) of a supernet, and the running \
      statistics of the batch norms; numbers have 32 bits, and tensors are sorted by name. --list shows names and \
      shapes.

      The metadata of the file name the network: toponas_weights (the version of the format), network (supernet or \
      derived), space, genotype, channels, cells, classes, layout, progress, program; for a supernet also method and \
      simplification.

      Layout pytorch: kernels are [outputs, inputs, kH, kW], depthwise ones [C, 1, kH, kW], and the names are those of \
      the modules in Tests/Peers, whose load_weights.py loads the file. Layout swift: kernels are \
      [outputs, kH, kW, inputs], depthwise ones [C, kH, kW, 1], and names are those of this program (gain, \
      runningMean and runningVariance instead of weight, running_mean and running_var). `toponas evaluate --weights` \
      reads both.
      """,
    operand: OptionSpec("run", .text(placeholder: "RUN"), help: "The folder of the run."),
    options: [
      OptionSpec(
        "out", .text(placeholder: "FILE"), help: "The file; one of that name is replaced.",
        default: "weights.safetensors"),
      OptionSpec(
        "layout", .choice(WeightsLayout.allCases.map(\.rawValue)),
        help: "Names, and the order of the axes of kernels.", default: "pytorch"),
      OptionSpec("list", .flag, help: "Print names and shapes, and write nothing."),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    guard let path = options.text("run") else { throw ExportError.noRun }
    let run = try ExportedRun(RunFolder(opening: path)) { console.error($0) }
    let layout = options.text("layout").flatMap(WeightsLayout.init) ?? .pytorch
    if options.flag("list") ?? false { return try console.print(text: run.weights.table(layout)) }
    let out = options.text("out") ?? "weights.safetensors"
    try run.weights.file(layout, run.remarks).write(to: out)
    try console.print(
      """
      wrote     \(out): \(counted(run.weights.parameters.count, "tensor")), \
      \(grouped(run.weights.count)) numbers, layout \(layout.rawValue)
      network   \(run.description)
      genotype  \(verbatim: run.genotype)
      """)
  }
}

/// The network of a run, with the numbers of its last checkpoint.
private struct ExportedRun {
  let weights: NetworkWeights
  let genotype: String
  /// The network and how far it is, for a reader.
  let description: String
  let remarks: [WeightsSource.Key: String]

  init(_ folder: RunFolder, tell: (Message) -> Void) throws {
    if folder.kind == .evaluate {
      let plan = try EvaluationPlan(of: folder)
      let state = try Checkpoints.state(of: plan, in: folder, tell: tell)
      let classes = try Self.classes(of: state, folder)
      let network = plan.network(classes: classes)
      try self.init(
        plan.weights(of: network, classes: classes), state,
        "\(plan.space.rawValue), \(plan.sizeText)"
      ) { plan.genotype.text }
    } else {
      let plan = try SearchPlan(of: folder)
      let state = try Checkpoints.state(of: plan, in: folder, tell: tell)
      let classes = try Self.classes(of: state, folder)
      func read(_ network: some Supernet) throws -> ExportedRun {
        try ExportedRun(
          plan.weights(of: network, classes: classes), state,
          "supernet of \(plan.space.rawValue), \(plan.sizeText)"
        ) { "\(network.genotype)" }
      }
      self = try read(plan.supernet(classes: classes))
    }
  }

  private init(
    _ weights: NetworkWeights, _ state: SearchState, _ size: String, _ genotype: () -> String
  ) throws {
    try state.load(weights.parameters)
    self.weights = weights
    self.genotype = genotype()
    description = "\(size), at \(state.progress)"
    remarks = [.genotype: self.genotype, .progress: "\(state.progress)"]
  }

  /// How many classes the network of a state tells apart.
  private static func classes(of state: SearchState, _ folder: RunFolder) throws -> Int {
    guard let bias = state.tensors["value.classifier.bias"], bias.shape.extents.count == 1 else {
      throw CheckpointError.notARun(folder.path)
    }
    return bias.shape.count
  }
}

/// Why nothing is written.
enum ExportError: UserError, Equatable {
  /// The run was not named.
  case noRun

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    """
    the folder of a run is needed
    Hint: toponas export runs/nasbench201-darts-simplified-seed1; toponas runs lists the runs.
    """
  }
}
