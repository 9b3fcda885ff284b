import Datasets
import Runs
import SearchMethods
import SearchSpaces
import Tensors

/// Times the steps of a search.
package struct StepBenchmark {
  /// Wall time of each timed part, in seconds.
  private(set) var seconds: [SearchStepPart: [Double]] = [:]
  /// Processor time of each timed part, in seconds, all threads together.
  private(set) var processorSeconds: [SearchStepPart: [Double]] = [:]
  /// Where the parts spend it, if that was wanted.
  private(set) var profiles: [SearchStepPart: KernelProfile] = [:]
  /// Training loss of each timed step.
  private(set) var losses: [Double] = []

  /// Images are drawn for at most this many steps; then a new epoch begins.
  private static let stepsPerEpoch = 16

  /// Runs `warmUp` steps, and then `steps` that are timed, as a search runs them.
  package init(
    _ plan: SearchPlan, _ network: some Supernet, steps: Int, warmUp: Int, isProfiled: Bool
  ) throws {
    let batches = min(steps + warmUp, Self.stepsPerEpoch)
    let images = SyntheticImages.make(
      count: 2 * batches * plan.settings.batchSize, seed: UInt64(plan.seed))
    let halves = try SearchHalves(
      images, batchSize: plan.settings.batchSize, seed: plan.seedGenerator)
    var step = SearchStep(network, plan.settings)
    if isProfiled { for part in step.parts { profiles[part] = KernelProfile() } }
    for index in 0..<warmUp + steps {
      let (epoch, place) = index.quotientAndRemainder(dividingBy: halves.stepsPerEpoch)
      let batches = (halves.training.epoch(epoch), halves.validation.epoch(epoch))
      for part in step.parts {
        try run(
          part, of: &step, isTimed: index >= warmUp, training: batches.0[place],
          validation: batches.1[place])
      }
    }
  }

  /// A batch is drawn and augmented in the time of the part, as in a search.
  private mutating func run(
    _ part: SearchStepPart, of step: inout SearchStep<some Supernet>, isTimed: Bool,
    training: @escaping @autoclosure () -> Batch, validation: @autoclosure () -> Batch
  ) throws {
    let clock = ContinuousClock()
    let (start, work) = (clock.now, Benchmarks.processorSeconds())
    let result = try KernelProfile.$current.withValue(isTimed ? profiles[part] : nil) {
      switch part {
      case .weights: try step.weightStep(training())
      case .alpha: try step.alphaStep(validation(), training: training())
      }
    }
    guard isTimed else { return }
    seconds[part, default: []].append((clock.now - start).seconds)
    processorSeconds[part, default: []].append(Benchmarks.processorSeconds() - work)
    if part == .weights { losses.append(result.loss) }
  }

  /// Wall time of a part over the timed steps.
  package func quartiles(_ part: SearchStepPart) -> Quartiles { Quartiles(of: seconds[part] ?? []) }

  /// Processor time of a part over the timed steps.
  package func processorQuartiles(_ part: SearchStepPart) -> Quartiles {
    Quartiles(of: processorSeconds[part] ?? [])
  }

  /// Wall time of both parts together.
  package var stepQuartiles: Quartiles { Self.ofBoth(seconds) }

  /// Processor time of both parts together.
  package var stepProcessorQuartiles: Quartiles { Self.ofBoth(processorSeconds) }

  private static func ofBoth(_ times: [SearchStepPart: [Double]]) -> Quartiles {
    Quartiles(of: zip(times[.alpha] ?? [], times[.weights] ?? []).map { $0 + $1 })
  }

  /// Where a part spends its time, the most first; nil if it was not profiled.
  package func profile(_ part: SearchStepPart) -> [ProfileRow]? {
    guard let profile = profiles[part], let seconds = seconds[part] else { return nil }
    return ProfileRow.rows(profile, steps: seconds.count, seconds: seconds.reduce(0, +))
  }
}

/// What the loops of one name take of a part of a step.
package struct ProfileRow: Encodable {
  package let name: String
  /// Loops a step; nil for the time outside of loops.
  package let calls: Double?
  /// Seconds a step.
  package let seconds: Double
  /// The share of the part's time.
  package let share: Double

  /// Rows of a profile of `steps` steps that took `seconds` in all; the last is the rest.
  fileprivate static func rows(
    _ profile: KernelProfile, steps: Int, seconds: Double
  ) -> [ProfileRow] {
    func row(_ name: String, _ calls: Int?, _ time: Double) -> ProfileRow {
      ProfileRow(
        name: name, calls: calls.map { Double($0) / Double(steps) },
        seconds: time / Double(steps), share: time / seconds)
    }
    let loops = profile.entries.map { row($0.key, $0.value.calls, $0.value.time.seconds) }
    let inside = profile.entries.values.reduce(0) { $0 + $1.time.seconds }
    return loops.sorted { ($1.seconds, $0.name) < ($0.seconds, $1.name) }
      + [row("outside parallel loops", nil, seconds - inside)]
  }
}
