import SearchSpaces
import Tensors

/// A search, as everything around it sees it.
///
/// Whatever happens inside (two optimizers in turn, one optimizer with pruning, sampled paths and an evolution, no
/// training at all), a search has a number of units of work, it runs one, it reports, it has results, and it has a
/// state that can be saved and restored to the same bytes. Run folders, exact resume, progress and reports are written
/// once, against this protocol, and know no method.
public protocol Search<Report>: ResumableLoop {
  /// What it finds.
  associatedtype Architecture: DerivedArchitecture
  /// What it reports after each unit.
  associatedtype Report: UnitReport
  /// The most units of work it runs.
  var units: Int { get }
  /// Whether nothing is left to do; a search may end before all its units.
  var isFinished: Bool { get }
  /// What a unit, counted from 0, consists of.
  func work(in unit: Int) -> UnitWork
  /// Of which kind the steps of a unit are, as far as their time goes.
  func stepKind(in unit: Int) -> StepKind
  /// Runs the next unit, or the rest of the one that was interrupted.
  ///
  /// What `report` throws ends the search. Whenever it is called, `state` is what the search can go on from.
  func runUnit(_ report: (SearchEvent<Report>) throws -> Void) throws -> Report
  /// What it has found so far: one architecture, a series, or a ranking, the best or last one at the end.
  var results: [Architecture] { get }
  /// Tables that grow by some rows after each unit, such as the architecture parameters.
  var records: [UnitRecord] { get }
}

extension Search {
  /// Whether the search is over, which it is after its last unit.
  public var isFinished: Bool { progress.units >= units }
  /// One kind, of one batch.
  public func stepKind(in unit: Int) -> StepKind { StepKind() }
  /// No records besides the reports.
  public var records: [UnitRecord] { [] }

  /// Runs the units that are left and returns what was found.
  ///
  /// What `report` throws ends the search. Whenever it is called, `state` is what the search can go on from.
  @discardableResult
  public func run(_ report: (SearchEvent<Report>) throws -> Void) throws -> [Architecture] {
    while !isFinished {
      let unit = try runUnit(report)
      try report(.unit(unit))
    }
    return results
  }
}

/// What a search reports while it runs.
public enum SearchEvent<Report: UnitReport>: Sendable {
  /// A step is done: `step` of `steps` in `unit`, both counted from 1.
  case step(unit: Int, step: Int, steps: Int, loss: Double)
  /// The steps of a unit are done, and one more batch of its evaluation begins.
  case evaluation(unit: Int)
  /// A unit is done.
  case unit(Report)
}

/// How much a unit of a search consists of, in batches.
public struct UnitWork: Hashable, Sendable {
  /// Steps, each of which changes what is searched.
  public let steps: Int
  /// Batches on which something is evaluated after the steps.
  public let evaluations: Int

  /// Creates an amount of work.
  public init(steps: Int, evaluations: Int) {
    (self.steps, self.evaluations) = (steps, evaluations)
  }
}

/// What a step is, as far as the time goes that it takes.
public struct StepKind: Hashable, Sendable {
  /// The name of the kind; steps of one name take about as long, if they have as many batches.
  public let name: String
  /// The batches that a step computes, one after another.
  public let batches: Int

  /// Creates a kind of steps.
  public init(_ name: String = "step", batches: Int = 1) {
    (self.name, self.batches) = (name, batches)
  }
}

/// A table that grows after each unit of a search.
///
/// Most tables grow by as many rows after each unit, always with the same words in the same places, and have no `total`.
public struct UnitRecord: Sendable {
  /// The name of the table, for example `alphas`.
  public let name: String
  /// The names of the columns.
  public let columns: [String]
  /// What the last unit adds; a row has a field for each column, and the number of the unit in the first.
  public let rows: [[String]]
  /// How many rows the table has so far, where units add unlike many; nil where each adds as many.
  public let total: Int?

  /// Creates a table with the rows of one unit.
  public init(_ name: String, columns: [String], rows: [[String]], total: Int? = nil) {
    precondition(
      rows.allSatisfy { $0.count == columns.count },
      "expected \(columns.count) fields in each row, found \(rows.map(\.count))")
    self.name = name
    self.columns = columns
    self.rows = rows
    self.total = total
  }
}
