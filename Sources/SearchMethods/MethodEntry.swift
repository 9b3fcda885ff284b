import Datasets
import SearchSpaces
import Settings
import Tensors

/// A search method as everything around it knows it: its name, its settings, and how a search by it is made.
///
/// Each method declares its entry in its own folder; `MethodEntry.all` lists them. Options, ranges and help
/// of its settings follow from the entry.
public struct MethodEntry: Sendable {
  /// Numbers of the published search, where they are not those of DARTS.
  public struct PublishedNumbers: Sendable {
    /// Epochs; nil is those of DARTS.
    public var epochs: Int?
    /// Images per step; nil is that of DARTS.
    public var batch: Int?

    /// Creates the numbers.
    public init(epochs: Int? = nil, batch: Int? = nil) {
      (self.epochs, self.batch) = (epochs, batch)
    }
  }

  /// The name on a command line and in a configuration: `pc-darts`.
  public let name: String
  /// What the method is, in one line.
  public let summary: String
  /// The settings of the method, besides those that all searches have.
  public let settings: [Setting]
  /// The numbers of the published search on a space of this name.
  public let published: @Sendable (String) -> PublishedNumbers
  /// Whether it can search a space.
  public let searches: @Sendable (SpaceEntry) -> Bool
  /// What its searches report after each unit.
  public let report: any UnitReport.Type
  /// The method with its numbers; what is random in it follows from the generator.
  public let make: @Sendable (SettingValues, RandomGenerator) -> any SearchAlgorithm

  /// Creates an entry.
  public init(
    _ name: String, summary: String, settings: [Setting] = [],
    published: @escaping @Sendable (String) -> PublishedNumbers = { _ in PublishedNumbers() },
    reporting report: any UnitReport.Type = EpochMetrics.self,
    searches: @escaping @Sendable (SpaceEntry) -> Bool = { _ in true },
    make: @escaping @Sendable (SettingValues, RandomGenerator) -> any SearchAlgorithm
  ) {
    self.name = name
    self.summary = summary
    self.settings = settings
    self.published = published
    self.report = report
    self.searches = searches
    self.make = make
  }

  /// The values that hold where none are given.
  public var standardValues: SettingValues { SettingValues(standardsOf: settings) }
}

extension MethodEntry {
  /// All search methods, in the order of the help.
  public static let all: [MethodEntry] = [
    DARTS.entry, SecondOrderDARTS.entry, PCDARTS.entry, GDAS.entry, BetaDARTS.entry,
    DARTSMinus.entry, ExplicitTopology.entry, DOTS.entry, GOLDNAS.entry, STNAS.entry,
    RandomSearch.entry,
  ]

  /// The method that the others are measured by, the first of the list.
  public static var reference: MethodEntry { all[0] }

  /// The method of this name; nil if there is none.
  public static func named(_ name: String) -> MethodEntry? { all.first { $0.name == name } }
}
