import SearchSpaces
import Settings

/// What an architecture may cost at most; nil is no limit.
public struct SearchBudget: Hashable, Codable, Sendable {
  /// Multiply-accumulates for one image.
  public var macs: Int?
  /// Trained parameters.
  public var parameters: Int?

  /// Creates a budget.
  public init(macs: Int? = nil, parameters: Int? = nil) {
    (self.macs, self.parameters) = (macs, parameters)
  }

  /// Whether there is no limit.
  public var isOpen: Bool { macs == nil && parameters == nil }

  /// Whether a cost is within all limits, or equal to them.
  public func allows(_ cost: NetworkCost) -> Bool {
    cost.macs <= macs ?? .max && cost.parameters <= parameters ?? .max
  }
}

// MARK: - As settings

extension SearchBudget {
  /// The limits in millions, as a method that keeps to a budget declares them.
  static let settings = [
    Setting(
      "max-macs", .number(1e-6...1e9),
      help: "millions of MACs that the network of an architecture has at most.",
      standardText: "no limit"),
    Setting(
      "max-parameters", .number(1e-6...1e9),
      help: "millions of parameters that it has at most.", standardText: "no limit"),
  ]

  /// The budget that was chosen by these settings.
  init(_ values: SettingValues) {
    func limit(_ name: String) -> Int? {
      values[name]?.number.map { Int(($0 * 1e6).rounded()) }
    }
    self.init(macs: limit("max-macs"), parameters: limit("max-parameters"))
  }
}
