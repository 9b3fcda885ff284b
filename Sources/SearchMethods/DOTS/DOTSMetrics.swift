/// What happened in one epoch of DOTS.
///
/// Losses are mean cross entropies; accuracies are shares in [0, 1]. In the topology search the validation half trains
/// too, as published, so that its accuracy is no longer one on images that trained nothing.
public struct DOTSMetrics: UnitReport {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// The phase of the epoch.
  public let phase: DOTSPhase
  /// Learning rate of the weights.
  public let learningRate: Double
  /// T of the pairs.
  public let temperature: Double
  /// Mean loss of the weight steps.
  public let trainingLoss: Double
  /// Accuracy in the weight steps.
  public let trainingAccuracy: Double
  /// Loss on the validation half, in evaluation mode, after the epoch.
  public let validationLoss: Double
  /// Accuracy on the validation half, in evaluation mode, after the epoch.
  public let validationAccuracy: Double
  /// What the strongest choice of the least decided group of operations, or node, lacks to 1.
  public let undecided: Double
  /// After the last epoch the accuracy of the derived cell on the validation half, with the weights of the search.
  public let derivedAccuracy: Double?
  /// Skip connections in the derived cell.
  public let skipCount: Int
  /// The derived cell; before the topology search by the rule of DARTS, only to be shown.
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
  /// The accuracy of the supernet on the validation half.
  public var accuracy: Double? { validationAccuracy }
  /// Skip connections in the derived cell.
  public var skips: Int? { skipCount }

  /// After the last epoch what the step from the supernet to the derived cell costs.
  public var notes: [String] {
    derivedAccuracy.map { derived in
      [discretizationNote(supernet: validationAccuracy, derived: derived)]
    } ?? []
  }

  /// The number of the phase, losses, accuracies, and how far the choice is.
  public var columns: [ReportColumn] {
    [
      ReportColumn(
        "phase", Double(1 + (DOTSPhase.allCases.firstIndex(of: phase) ?? 0)), .decimals(0)),
      ReportColumn("train loss", trainingLoss, .decimals(4)),
      ReportColumn("train acc", trainingAccuracy, .percent),
      ReportColumn("val loss", validationLoss, .decimals(4)),
      ReportColumn("val acc", validationAccuracy, .percent),
      ReportColumn("undecided", undecided, .decimals(4)),
      ReportColumn("skips", Double(skipCount), .decimals(0)),
    ]
  }
}
