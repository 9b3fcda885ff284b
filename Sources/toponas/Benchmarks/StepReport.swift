import SearchMethods
import SearchSpaces
import Tensors

/// What `toponas bench step` tells, as text or as one JSON object.
struct StepReport: Encodable {
  let space: String
  let simplified: Bool
  let simplification: Simplification?
  let channels: Int
  let cells: Int
  let batch: Int
  let seed: Int
  /// Timed steps, and those before.
  let steps: Int
  let warmUp: Int
  /// Medians.
  let alphaStepSeconds: Double
  let weightStepSeconds: Double
  let stepSeconds: Double
  let alphaStepQuartiles: Quartiles
  let weightStepQuartiles: Quartiles
  let stepQuartiles: Quartiles
  let parameters: Int
  let logits: Int
  /// Of the process.
  let peakMemoryBytes: Int
  /// In tensors.
  let peakTensorBytes: Int
  /// In tensors.
  let predictedPeakBytes: Int
  /// Training loss of each timed step.
  let losses: [Double]
  let threads: Int
  let build: BuildDescription
  let cpu: String
  let profile: Profile?

  /// Where both parts spend their time.
  struct Profile: Encodable {
    let alphaStep: [ProfileRow]
    let weightStep: [ProfileRow]
  }

  init(
    _ plan: SearchPlan, _ network: some Supernet, _ times: StepBenchmark, warmUp: Int,
    predictedBytes: Int, tensorBytes: Int
  ) {
    let machine = BenchedMachine.current
    (cpu, threads, build) = (machine.cpu, machine.threads, machine.build)
    (space, simplified, simplification) = (
      plan.space.rawValue, plan.isSimplified, plan.simplification
    )
    (channels, cells, batch) = (plan.channels, plan.cells, plan.settings.batchSize)
    (seed, steps, self.warmUp) = (plan.seed, times.losses.count, warmUp)
    alphaStepQuartiles = times.quartiles(.alpha)
    weightStepQuartiles = times.quartiles(.weights)
    stepQuartiles = times.stepQuartiles
    alphaStepSeconds = alphaStepQuartiles.median
    weightStepSeconds = weightStepQuartiles.median
    stepSeconds = stepQuartiles.median
    (parameters, logits) = (network.weightCount, network.logitCount)
    peakMemoryBytes = ProcessMemory.peakBytes
    (peakTensorBytes, predictedPeakBytes) = (tensorBytes, predictedBytes)
    losses = times.losses
    if let alpha = times.profile(.alpha), let weights = times.profile(.weights) {
      profile = Profile(alphaStep: alpha, weightStep: weights)
    } else {
      profile = nil
    }
  }

  // MARK: Text

  var text: String {
    let machine = BenchedMachine(cpu: cpu, threads: threads, build: build)
    let size = SpaceEntry.named(space)?.text(NetworkSize(channels: channels, cells: cells)) ?? ""
    let summary = """
      \(machine.text)
      space    \(space), \(simplified ? "simplified" : "plain")
      network  \(size): \(grouped(parameters)) weights, \(logits) alphas
      steps    \(steps) of first-order DARTS after \(warmUp) to warm up, batch \(batch), seed \(seed)

      \(times.text)

      loss     \(decimals(losses[0], 4)) in the first of these steps, \
      \(decimals(losses[losses.count - 1], 4)) in the last
      memory   a peak of \(mebibytes(peakTensorBytes)) in tensors, \
      \(mebibytes(predictedPeakBytes)) predicted; \(mebibytes(peakMemoryBytes)) in the process
      """
    guard let profile else { return summary }
    return [
      summary, table(profile.alphaStep, of: "alpha step").text,
      table(profile.weightStep, of: "weight step").text,
    ].joined(separator: "\n\n")
  }

  private var times: TextTable {
    var table = TextTable(
      head: ["ms", "median", "lower quartile", "upper quartile"], numeric: [1, 2, 3])
    for (name, time) in [
      ("alpha step", alphaStepQuartiles), ("weight step", weightStepQuartiles),
      ("both", stepQuartiles),
    ] {
      table.rows.append([name] + [time.median, time.lower, time.upper].map(milliseconds))
    }
    return table
  }

  private func table(_ rows: [ProfileRow], of part: String) -> TextTable {
    var table = TextTable(
      head: [part, "calls a step", "ms a step", "share"], numeric: [1, 2, 3])
    table.rows = rows.map { row in
      [
        row.name, row.calls.map { decimals($0, 1) } ?? "", milliseconds(row.seconds),
        percent(row.share),
      ]
    }
    return table
  }

  private func milliseconds(_ seconds: Double) -> String { decimals(seconds * 1000, 2) }
}
