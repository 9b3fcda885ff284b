import CommandLineParsing
import SearchMethods
import Tensors

/// The search methods, by the names of the command line.
enum SearchedMethod: String, CaseIterable, Codable {
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

  /// Whether an option of this name is for it: its own, or one of all methods.
  func takes(_ option: String) -> Bool {
    Self.ownOptions.allSatisfy { $0.spec.name != option || $0.method == self }
  }

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

/// A search method with its numbers, as `config.json` holds it; those of other methods are absent.
struct MethodPlan: Codable, Equatable {
  let name: SearchedMethod
  private var unrolledRate: Double?
  private var partialChannels: Int?
  private var tauFrom: Double?
  private var tauTo: Double?
  private var lambda: Double?
  private var skipWeight: Double?
  private var skipDecay: AuxiliaryDecay?

  /// A method with its usual numbers.
  init(_ name: SearchedMethod) {
    self.name = name
    switch name {
    case .darts, .darts2: break
    case .pcDARTS: partialChannels = 4
    case .gdas: (tauFrom, tauTo) = (10, 0.1)
    case .betaDARTS: lambda = 50
    case .dartsMinus: (skipWeight, skipDecay) = (1, .linear)
    }
  }

  /// Reads the options over the numbers of `base`, if that is the same method.
  init(_ options: ParsedOptions, over base: MethodPlan?) throws(SearchPlanError) {
    let name = options.text("method").flatMap(SearchedMethod.init) ?? base?.name ?? .darts
    if let foreign = name.foreignOption(in: options) {
      throw .foreignOption(foreign.name, of: foreign.method, method: name)
    }
    self = base?.name == name ? base ?? MethodPlan(name) : MethodPlan(name)
    unrolledRate = options.number("unrolled-rate") ?? unrolledRate
    partialChannels = options.integer("partial-channels") ?? partialChannels
    tauFrom = options.number("tau-from") ?? tauFrom
    tauTo = options.number("tau-to") ?? tauTo
    lambda = options.number("lambda") ?? lambda
    skipWeight = options.number("skip-weight") ?? skipWeight
    skipDecay = options.text("skip-decay").flatMap(AuxiliaryDecay.init) ?? skipDecay
  }

  /// Its numbers, by the names of their options.
  var numbers: [(option: String, number: Double)] {
    [
      ("unrolled-rate", unrolledRate), ("partial-channels", partialChannels.map(Double.init)),
      ("tau-from", tauFrom), ("tau-to", tauTo), ("lambda", lambda), ("skip-weight", skipWeight),
    ].compactMap { option, number in number.map { (option, $0) } }
  }

  /// The method; what is random in it follows from `seed`.
  func method(seed: RandomGenerator) -> any SearchMethod {
    switch name {
    case .darts: DARTS()
    case .darts2: SecondOrderDARTS(unrolledRate: unrolledRate)
    case .pcDARTS: PCDARTS(channelDivisor: partialChannels ?? 4)
    case .gdas:
      GDAS(firstTemperature: tauFrom ?? 10, lastTemperature: tauTo ?? 0.1, seed: seed)
    case .betaDARTS: BetaDARTS(maximumWeight: lambda ?? 50)
    case .dartsMinus: DARTSMinus(firstWeight: skipWeight ?? 1, decay: skipDecay ?? .linear)
    }
  }

  /// The options that choose it again: its name, and the numbers that are not the usual ones.
  var words: [String] {
    let usual = MethodPlan(name)
    func word<Value: Equatable>(_ option: String, _ number: KeyPath<MethodPlan, Value?>) -> [String]
    {
      guard let value = self[keyPath: number], value != usual[keyPath: number] else { return [] }
      return ["--\(option)", (value as? AuxiliaryDecay)?.rawValue ?? "\(value)"]
    }
    return (name == .darts ? [] : ["--method", name.rawValue])
      + word("unrolled-rate", \.unrolledRate) + word("partial-channels", \.partialChannels)
      + word("tau-from", \.tauFrom) + word("tau-to", \.tauTo) + word("lambda", \.lambda)
      + word("skip-weight", \.skipWeight) + word("skip-decay", \.skipDecay)
  }
}
