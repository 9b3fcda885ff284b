import Foundation
import Reports
import SearchMethods

/// The curves of a report: of one run, or of groups of runs.
package struct ReportCharts {
  private let groups: [ReportGroup]

  package init(_ groups: [ReportGroup]) {
    self.groups = groups.filter { $0.runs.contains { !$0.metrics.isEmpty } }
  }

  package var isEmpty: Bool { groups.isEmpty }

  /// What the lines and bands are.
  package var words: String {
    let halves =
      groups.count == 1
      ? ""
      : "Full lines belong to the half of the images that trains alpha, dashed ones to the half that trains the weights. "
    let bands =
      groups.contains { $0.runs.count > 1 }
      ? "Lines are means over seeds, bands their standard deviation. " : ""
    return halves + bands
      + "Loss and accuracy are those of the supernet. Entropy is that of the candidates' weights: log M nats where all M "
      + "candidates of an edge have the same weight, so that nothing is decided, and 0 where one has all of it."
  }

  /// Loss, accuracy, entropy and skip connections over the epochs, as SVG.
  package var svgs: [String] {
    [
      chart("Loss", "loss", both(\.validationLoss, \.trainingLoss)),
      chart(
        "Accuracy", "accuracy, %",
        both({ 100 * $0.validationAccuracy }, { 100 * $0.trainingAccuracy })),
      chart(
        "Entropy of the weights", "entropy, nats",
        single("mean over the edges", \.alphaEntropy) + undecided,
        levels: [0]),
      chart(
        "Skip connections in the derived cell", "skip connections",
        single("") { Double($0.skipCount) }),
    ]
  }

  private func chart(
    _ title: String, _ y: String, _ series: [LineChart.Series], levels: [Double] = []
  ) -> String {
    LineChart(
      title, caption: "", x: "epoch", y: y, series: series, levels: levels, width: 440,
      plotHeight: 230
    ).svg
  }

  /// The entropy at which nothing is decided, for each number of candidates.
  private var undecided: [LineChart.Series] {
    let runs = groups.flatMap(\.runs)
    let epochs = runs.flatMap(\.metrics).map { Double($0.epoch) }
    guard let first = epochs.min(), let last = epochs.max() else { return [] }
    return Set(runs.map { $0.plan.space.entry.space.primitives.count }).sorted().map { candidates in
      let entropy = log(Double(candidates))
      return LineChart.Series(
        "undecided: log \(candidates) = \(decimals(entropy, 3))",
        points: [(x: first, y: entropy), (x: last, y: entropy)], isDashed: true)
    }
  }

  /// Both halves: in two colours for a single group, else each group in a colour of its own.
  private func both(
    _ validation: (EpochMetrics) -> Double, _ training: (EpochMetrics) -> Double
  ) -> [LineChart.Series] {
    if groups.count == 1 {
      return [
        groups[0].curve("half for alpha", validation),
        groups[0].curve("half for the weights", training),
      ]
    }
    return groups.enumerated().flatMap { color, group in
      [
        group.curve(group.name, color: color, validation),
        group.curve("", color: color, isDashed: true, training),
      ]
    }
  }

  /// One curve per group; `name` is that of a single group's.
  private func single(
    _ name: String, _ value: (EpochMetrics) -> Double
  ) -> [LineChart.Series] {
    groups.enumerated().map { color, group in
      group.curve(groups.count == 1 ? name : group.name, color: color, value)
    }
  }
}
