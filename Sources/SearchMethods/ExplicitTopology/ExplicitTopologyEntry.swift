import Settings
import Tensors

extension ExplicitTopology {
  /// Explicit topology learning in the list of methods.
  public static let entry = MethodEntry(
    "explicit-topology", summary: "explicit topology learning: each node chooses a set of edges",
    settings: [
      Setting(
        "topology-on", .choice(methods.map(\.name)),
        help: "the method that weights the operations, with its usual numbers.",
        standard: .word(methods[0].name)),
      Setting(
        "predecessors", .choice(families.map(\.name)),
        help: "how many edges a node may keep; a node with fewer predecessors keeps all.",
        standard: .word(families[0].name)),
      Setting(
        "set-tau-from", .number(0.001...1000),
        help: "the temperature of the sets in the first epoch.", standard: .number(10)),
      Setting(
        "set-tau-to", .number(0.001...1000),
        help: "the temperature of the sets in the last epoch.", standard: .number(0.02)),
      Setting(
        "invalid-penalty", .number(0...1000),
        help: "the weight of the term against invalid topologies; 0 is none.",
        standard: .number(0)),
      Setting(
        "penalty-form", .choice(["hinge", "gated"]),
        help:
          "hinge acts on each node that is likely to be of no use, gated while the topology that would be derived is invalid.",
        standard: .word("hinge")),
      Setting(
        "loose-ends", .flag,
        help: "whether the output of a cell joins only the nodes that lead to no other.",
        standard: .flag(false)),
      Setting(
        "topology-level", .choice(Level.allCases.map(\.rawValue)),
        help: "whether the architecture moves on the validation batch or on that of the weights.",
        standard: .word(Level.bilevel.rawValue)),
    ]
  ) { values, seed in ExplicitTopology(values, seed: seed) }

  /// The methods that can weight the operations.
  private static let methods = [
    DARTS.entry, SecondOrderDARTS.entry, PCDARTS.entry, GDAS.entry, BetaDARTS.entry,
  ]

  /// K by its names on a command line.
  private static let families: [(name: String, sizes: SubsetSizes)] = [
    ("2", .two), ("1-2", .oneOrTwo), ("0-2", .upToTwo), ("any", .anyNonEmpty),
  ]

  /// The method with the values of its settings.
  private init(_ values: SettingValues, seed: RandomGenerator) {
    let on = Self.methods.first { $0.name == values.word("topology-on") } ?? Self.methods[0]
    let weight = values.number("invalid-penalty")
    let form: PassiveAggressiveTerm.Form =
      values.word("penalty-form") == "gated" ? .gated : .hinge(margin: 0)
    self.init(
      on: on.make(on.standardValues, seed) as? any SearchMethod ?? DARTS(),
      sizes: Self.families.first { $0.name == values.word("predecessors") }?.sizes ?? .two,
      firstTemperature: values.number("set-tau-from"),
      lastTemperature: values.number("set-tau-to"),
      penalty: weight > 0 ? PassiveAggressiveTerm(form, weight: weight) : nil,
      joinsLooseEnds: values["loose-ends"]?.flag ?? false,
      level: Level(rawValue: values.word("topology-level")) ?? .bilevel)
  }
}
