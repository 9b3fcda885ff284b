import SearchSpaces

/// What happened in one epoch of a gradual search.
///
/// Accuracies are shares in [0, 1], of the gated network on images that trained nothing.
public struct GradualMetrics: UnitReport {
  /// A gate that left at the end of the epoch.
  public struct Removal: Codable, Hashable, Sendable {
    /// The kind of cell, for example `cell3`.
    public let cell: String
    /// The edge, for example `0->2`.
    public let edge: String
    /// The operation.
    public let operation: String
    /// u: its share of its node when it left.
    public let share: Double
  }

  /// The epoch, counted from 1.
  public let epoch: Int
  /// Mean cross entropy of the steps, without auxiliary head and penalty.
  public let trainingLoss: Double
  /// Accuracy in the steps.
  public let trainingAccuracy: Double
  /// Loss after the epoch, before gates leave.
  public let validationLoss: Double
  /// Accuracy after the epoch, before gates leave.
  public let accuracyBefore: Double
  /// Accuracy after gates have left, with the same weights; that before where none has left.
  public let accuracyAfter: Double
  /// lambda: the weight of the penalty in this epoch.
  public let penaltyWeight: Double
  /// The gates that are left.
  public let gateCount: Int
  /// What the network costs now for one image, in millions of multiply-accumulates.
  public let cost: Double
  /// What left at the end of the epoch.
  public let removals: [Removal]
  /// The architectures that the epoch added to the series.
  public let points: [SeriesPoint]
  /// Gates of skip connections that are left.
  public let skipCount: Int
  /// The architecture now.
  public let genotype: String
  /// Wall time of the epoch, in seconds.
  public let seconds: Double
  /// Median wall time of a step, in seconds.
  public let secondsPerStep: Double
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  public let peakTensorBytes: Int?
  /// Resident memory of the process after the epoch, in bytes.
  public let peakMemoryBytes: Int

  /// The epoch.
  public var unit: Int { epoch }
  /// The accuracy of what is left.
  public var accuracy: Double? { accuracyAfter }

  /// Which gates left, and with which share of their node.
  public var notes: [String] {
    removals.map {
      "\($0.cell) \($0.edge) \($0.operation) left with \($0.share.inPercent()) of its node"
    }
  }

  /// Losses, accuracies on both sides of the pruning, the penalty, and what is left.
  public var columns: [ReportColumn] {
    [
      ReportColumn("train loss", trainingLoss, .decimals(4)),
      ReportColumn("train acc", trainingAccuracy, .percent),
      ReportColumn("val acc", accuracyBefore, .percent),
      ReportColumn("pruned", accuracyAfter, .percent),
      ReportColumn("lambda", penaltyWeight, .decimals(5)),
      ReportColumn("gates", Double(gateCount), .decimals(0)),
      ReportColumn("M MACs", cost, .decimals(2)),
      ReportColumn("points", Double(points.count), .decimals(0)),
    ]
  }

  /// Loss, accuracy on both sides of the pruning, gates, cost, penalty and time.
  public var curves: [ReportCurve] {
    [
      ReportCurve(
        "Loss", axis: "loss", [("held out", validationLoss), ("trained on", trainingLoss)],
        caption: "of the gated network"),
      ReportCurve(
        "Accuracy", axis: "accuracy, %",
        [
          ("before gates leave", 100 * accuracyBefore), ("after", 100 * accuracyAfter),
          ("trained on", 100 * trainingAccuracy),
        ], caption: "of the gated network; before and after: on images held out"),
      ReportCurve(
        "Gates that are left", axis: "gates",
        [("all", Double(gateCount)), ("skip connections", Double(skipCount))], levels: [0]),
      ReportCurve("Cost of the network", axis: "M MACs", [("", cost)], levels: [0]),
      ReportCurve("Weight of the penalty", axis: "lambda", [("", penaltyWeight)]),
      ReportCurve("Time per step", axis: "ms", [("", 1e3 * secondsPerStep)], levels: [0]),
    ]
  }
}
