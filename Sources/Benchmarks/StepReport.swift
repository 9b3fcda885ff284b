import Reports
import Runs
import SearchMethods
import SearchSpaces
import Tensors

/// What `toponas bench step` tells, as text or as one JSON object.
package struct StepReport: Encodable {
  package let space: String
  package let simplified: Bool
  package let simplification: Simplification?
  package let channels: Int
  package let cells: Int
  package let batch: Int
  package let seed: Int
  package let convolution: ConvolutionAlgorithm
  /// Timed steps, and those before.
  package let steps: Int
  package let warmUp: Int
  /// Medians.
  package let alphaStepSeconds: Double
  package let weightStepSeconds: Double
  package let stepSeconds: Double
  package let alphaStepQuartiles: Quartiles
  package let weightStepQuartiles: Quartiles
  package let stepQuartiles: Quartiles
  /// Time of processors, all threads together.
  package let alphaStepProcessorQuartiles: Quartiles
  package let weightStepProcessorQuartiles: Quartiles
  package let stepProcessorQuartiles: Quartiles
  package let parameters: Int
  package let logits: Int
  /// The peak memory of the process.
  package let peakMemoryBytes: Int
  /// In tensors.
  package let peakTensorBytes: Int
  /// In tensors.
  package let predictedPeakBytes: Int
  /// Training loss of each timed step.
  package let losses: [Double]
  package let threads: Int
  package let build: BuildDescription
  package let cpu: String
  package let profile: Profile?

  /// Where both parts spend their time.
  package struct Profile: Encodable {
    package let alphaStep: [ProfileRow]
    package let weightStep: [ProfileRow]
  }

  package init(
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
    convolution = plan.convolution ?? .direct
    alphaStepQuartiles = times.quartiles(.alpha)
    weightStepQuartiles = times.quartiles(.weights)
    stepQuartiles = times.stepQuartiles
    alphaStepProcessorQuartiles = times.processorQuartiles(.alpha)
    weightStepProcessorQuartiles = times.processorQuartiles(.weights)
    stepProcessorQuartiles = times.stepProcessorQuartiles
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

  package var text: String {
    let machine = BenchedMachine(cpu: cpu, threads: threads, build: build)
    let size = SpaceEntry.named(space)?.text(NetworkSize(channels: channels, cells: cells)) ?? ""
    let summary = """
      \(machine.text)
      space    \(space), \(simplified ? "simplified" : "plain")
      network  \(size): \(grouped(parameters)) weights, \(logits) alphas
      steps    \(steps) of first-order DARTS after \(warmUp) to warm up, batch \(batch), \
      seed \(seed), \(convolution.rawValue) convolutions

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
      head: ["ms", "median", "lower quartile", "upper quartile", "processor time"],
      numeric: [1, 2, 3, 4])
    for (name, time, work) in [
      ("alpha step", alphaStepQuartiles, alphaStepProcessorQuartiles),
      ("weight step", weightStepQuartiles, weightStepProcessorQuartiles),
      ("both", stepQuartiles, stepProcessorQuartiles),
    ] {
      let times = [time.median, time.lower, time.upper, work.median]
      table.rows.append([name] + times.map(milliseconds))
    }
    return table
  }

  private func table(_ rows: [ProfileRow], of part: String) -> TextTable {
    var table = TextTable(
      head: [part, "calls per step", "ms per step", "share"], numeric: [1, 2, 3])
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
