import CommandLineParsing
import DifferentiableSearch
import Tensors

/// The search methods, by the names of the command line.
enum SearchedMethod: String, CaseIterable, Encodable {
  case darts
  case darts2
  case pcDARTS = "pc-darts"
  case gdas
  case betaDARTS = "beta-darts"
  case dartsMinus = "darts-minus"

  /// The options that choose it, and those with its numbers.
  static let options =
    [
      OptionSpec(
        "method", .choice(allCases.map(\.rawValue)),
        help: "The search method: darts is first-order DARTS, darts2 the second order, "
          + "darts-minus DARTS-.",
        default: "darts"),
      OptionSpec(
        "warm-up-epochs", .integer(0...100_000),
        help: "Epochs at the start in which the weights move alone.",
        default: "0; for pc-darts 15 of 50 epochs, in proportion"),
    ] + ownOptions.map(\.spec)

  /// Options that belong to one method.
  private static let ownOptions: [(method: SearchedMethod, spec: OptionSpec)] = [
    (
      .darts2,
      OptionSpec(
        "unrolled-rate", .number(0...100),
        help: "For darts2: xi, the learning rate of the step that alpha looks ahead.",
        default: "that of the weights in the epoch")
    ),
    (
      .pcDARTS,
      OptionSpec(
        "partial-channels", .integer(1...64),
        help: "For pc-darts: one in so many channels goes through the operations.", default: "4")
    ),
    (
      .gdas,
      OptionSpec(
        "tau-from", .number(0.001...1000), help: "For gdas: the temperature in the first epoch.",
        default: "10")
    ),
    (
      .gdas,
      OptionSpec(
        "tau-to", .number(0.001...1000), help: "For gdas: the temperature in the last epoch.",
        default: "0.1")
    ),
    (
      .betaDARTS,
      OptionSpec(
        "lambda", .number(0...1_000_000),
        help: "For beta-darts: what the weight of the decay grows to, from 0.", default: "50")
    ),
    (
      .dartsMinus,
      OptionSpec(
        "skip-weight", .number(0...1000),
        help: "For darts-minus: the weight of the auxiliary skip connections in the first epoch.",
        default: "1")
    ),
    (
      .dartsMinus,
      OptionSpec(
        "skip-decay", .choice(AuxiliaryDecay.allCases.map(\.rawValue)),
        help: "For darts-minus: how that weight falls to 0.", default: "linear")
    ),
  ]

  /// What the user gave that belongs to another method, if anything.
  func foreignOption(in options: ParsedOptions) -> (name: String, method: SearchedMethod)? {
    Self.ownOptions.first { $0.method != self && options.isGiven($0.spec.name) }
      .map { ($0.spec.name, $0.method) }
  }

  /// The names of its own options.
  var optionNames: [String] { Self.ownOptions.filter { $0.method == self }.map(\.spec.name) }

  /// Epochs and batch size of the published search, where they are not those of DARTS.
  var publishedNumbers: (epochs: Int?, batch: Int?) {
    switch self {
    case .gdas: (250, nil)
    case .pcDARTS: (nil, 256)
    case .darts, .darts2, .betaDARTS, .dartsMinus: (nil, nil)
    }
  }

  /// What the prediction of the memory, which is made for first-order DARTS, leaves out or counts too much.
  var memoryNote: String {
    switch self {
    case .darts, .betaDARTS: ""
    case .darts2: "; the second order holds up to three copies of the weights more"
    case .pcDARTS, .gdas: "; an upper bound: that is first-order DARTS, which evaluates more"
    case .dartsMinus: "; without the auxiliary skip connections"
    }
  }
}

/// A search method with its numbers, as `config.json` holds it.
struct MethodPlan: Encodable {
  private enum CodingKeys: CodingKey { case name }

  let name: SearchedMethod
  let method: any SearchMethod & Encodable
  /// The options that choose it again.
  let words: [String]

  init(_ options: ParsedOptions, seed: RandomGenerator) throws(SearchPlanError) {
    name = options.text("method").flatMap(SearchedMethod.init) ?? .darts
    if let foreign = name.foreignOption(in: options) {
      throw .foreignOption(foreign.name, of: foreign.method, method: name)
    }
    method = Self.method(name, options, seed: seed)
    let given = (name.optionNames + ["warm-up-epochs"]).flatMap { option in
      (options.text(option) ?? options.number(option).map { "\($0)" }
        ?? options.integer(option).map { "\($0)" }).map { ["--\(option)", $0] } ?? []
    }
    words = (name == .darts ? [] : ["--method", name.rawValue]) + given
  }

  private static func method(
    _ name: SearchedMethod, _ options: ParsedOptions, seed: RandomGenerator
  ) -> any SearchMethod & Encodable {
    switch name {
    case .darts: DARTS()
    case .darts2: SecondOrderDARTS(unrolledRate: options.number("unrolled-rate"))
    case .pcDARTS: PCDARTS(channelDivisor: options.integer("partial-channels") ?? 4)
    case .gdas:
      GDAS(
        firstTemperature: options.number("tau-from") ?? 10,
        lastTemperature: options.number("tau-to") ?? 0.1, seed: seed)
    case .betaDARTS: BetaDARTS(maximumWeight: options.number("lambda") ?? 50)
    case .dartsMinus:
      DARTSMinus(
        firstWeight: options.number("skip-weight") ?? 1,
        decay: options.text("skip-decay").flatMap(AuxiliaryDecay.init) ?? .linear)
    }
  }

  /// The name among the method's own numbers.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(name, forKey: .name)
    try method.encode(to: encoder)
  }
}
