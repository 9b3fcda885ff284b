import Reports
import SearchMethods
import Tensors

/// How fast a search or a training runs on this machine, measured on epochs of one step and one batch of evaluation.
package struct MeasuredPace {
  /// What ends a measurement.
  package struct IsKnown: Error {}

  /// Wall time after which no further epoch is measured, in seconds.
  private static let limit = 2.0
  /// So many epochs are enough for a median.
  private static let enough = 40

  /// The seconds of each batch of a step, by the names of the steps' kinds.
  private var steps: [String: [Double]] = [:]
  private var evaluations: [Double] = []
  private let start = ContinuousClock.now

  /// Nothing measured yet.
  package init() {}

  /// Runs short searches on few images one after another, until enough is measured, steps of every kind among it.
  package init(_ makeSearch: () throws -> any Search) throws {
    do { while true { try measure(makeSearch()) } } catch is IsKnown {}
  }

  private mutating func measure(_ search: some Search) throws {
    let kinds = Set((0..<search.units).map { search.stepKind(in: $0).name })
    try search.run { event in
      guard case .unit(let unit) = event else { return }
      let work = search.work(in: unit.unit - 1)
      try add(
        seconds: unit.seconds, secondsPerStep: unit.secondsPerStep, steps: work.steps,
        evaluations: work.evaluations, search.stepKind(in: unit.unit - 1), of: kinds)
    }
  }

  /// Adds a unit, of one step and one batch of evaluation where nothing else is said.
  ///
  /// Throws `IsKnown` when enough is measured, and steps of all `kinds` are among it.
  package mutating func add(
    seconds: Double, secondsPerStep: Double, steps count: Int = 1, evaluations batches: Int = 1,
    _ kind: StepKind = StepKind(), of kinds: Set<String> = []
  ) throws(IsKnown) {
    steps[kind.name, default: []].append(secondsPerStep / Double(kind.batches))
    let rest = max(0, seconds - Double(count) * secondsPerStep)
    if batches > 0 { evaluations.append(rest / Double(batches)) }
    if kinds.isSubset(of: steps.keys),
      measured >= Self.enough || ContinuousClock.now - start > .seconds(Self.limit)
    {
      throw IsKnown()
    }
  }

  /// How many units were measured.
  private var measured: Int { steps.values.reduce(0) { $0 + $1.count } }

  /// The prediction for units of a search, each with the kind of its steps, and what it rests on.
  package func text(_ units: [(work: UnitWork, kind: StepKind)]) -> String {
    text(
      stepSeconds: units.reduce(0) { $0 + Double($1.work.steps) * seconds(of: $1.kind) },
      steps: units.reduce(0) { $0 + $1.work.steps },
      evaluations: units.reduce(0) { $0 + $1.work.evaluations })
  }

  /// The prediction for a training; `evaluations` are batches an epoch, or of the only test without epochs.
  package func text(epochs: Int, steps: Int, evaluations: Int) -> String {
    text(
      stepSeconds: Double(epochs * steps) * seconds(of: StepKind()), steps: epochs * steps,
      evaluations: max(1, epochs) * evaluations)
  }

  /// The time of a step.
  private func seconds(of kind: StepKind) -> Double {
    Double(kind.batches) * Self.typical(steps[kind.name] ?? [])
  }

  private func text(stepSeconds: Double, steps count: Int, evaluations evaluated: Int) -> String {
    let evaluation = Self.typical(evaluations)
    let step = count > 0 ? stepSeconds / Double(count) : seconds(of: StepKind())
    let seconds = stepSeconds + Double(evaluated) * evaluation
    return """
      about \(duration(seconds)) on this machine: \(milliseconds(step)) per step, \(milliseconds(evaluation)) per batch of \
      evaluation, medians of \(max(1, measured - 1)) measured
      """
  }

  /// The median, without the first, which is slower because memory is new.
  private static func typical(_ seconds: [Double]) -> Double {
    let warm = (seconds.count > 1 ? Array(seconds.dropFirst()) : seconds).sorted()
    return warm.isEmpty ? 0 : warm[warm.count / 2]
  }

  private func milliseconds(_ seconds: Double) -> String { "\(decimals(seconds * 1000, 1)) ms" }
}
