import SearchSpaces
import Tensors

/// What happened in one epoch of a bilevel search.
///
/// Losses are mean cross entropies; accuracies are shares in [0, 1].
public struct EpochMetrics: UnitReport {
  /// The epoch, counted from 1.
  public let epoch: Int
  /// Learning rate of the weights.
  public let learningRate: Double
  /// Mean loss of the weight steps.
  public let trainingLoss: Double
  /// Accuracy in the weight steps.
  public let trainingAccuracy: Double
  /// Loss of the supernet on the validation half, in evaluation mode, after the epoch.
  public let validationLoss: Double
  /// Accuracy of the supernet on the validation half, in evaluation mode, after the epoch.
  public let validationAccuracy: Double
  /// After the last epoch the accuracy of the derived cell on the validation half, with the weights of the search.
  public let derivedAccuracy: Double?
  /// Mean entropy of the candidates' weights over the edges, in nats.
  public let alphaEntropy: Double
  /// Skip connections in the derived cell.
  public let skipCount: Int
  /// The derived cell.
  public let genotype: String
  /// Wall time of the epoch, in seconds.
  public let seconds: Double
  /// Median wall time of one alpha step and one weight step together, in seconds.
  public let secondsPerStep: Double
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  public let peakTensorBytes: Int?
  /// Resident memory of the process after the epoch, in bytes, without what was freed before it: the pool of tensors
  /// frees nothing.
  public let peakMemoryBytes: Int
  /// Numbers that the method observes; nil where it observes none.
  public let observed: [ReportColumn]?
  /// What the method has to tell in words; nil where that is nothing.
  public let remarks: [String]?

  /// The epoch.
  public var unit: Int { epoch }
  /// The accuracy of the supernet on the validation half.
  public var accuracy: Double? { validationAccuracy }
  /// Skip connections in the derived cell.
  public var skips: Int? { skipCount }

  /// What the method has to tell, and after the last epoch what the step to the derived cell costs.
  public var notes: [String] {
    (remarks ?? [])
      + (derivedAccuracy.map { [discretizationNote(supernet: validationAccuracy, derived: $0)] }
        ?? [])
  }

  /// Losses, accuracies, entropy and skip connections, and what the method observes.
  public var columns: [ReportColumn] {
    [
      ReportColumn("train loss", trainingLoss, .decimals(4)),
      ReportColumn("train acc", trainingAccuracy, .percent),
      ReportColumn("val loss", validationLoss, .decimals(4)),
      ReportColumn("val acc", validationAccuracy, .percent),
      ReportColumn("entropy", alphaEntropy, .decimals(3)),
      ReportColumn("skips", Double(skipCount), .decimals(0)),
    ] + (observed ?? [])
  }

  /// Loss and accuracy of both halves, entropy, skip connections, and what the method observes.
  public var curves: [ReportCurve] {
    let (alpha, weights) = ("half for alpha", "half for the weights")
    return [
      ReportCurve(
        "Loss", axis: "loss", [(alpha, validationLoss), (weights, trainingLoss)],
        caption: "of the supernet"),
      ReportCurve(
        "Accuracy", axis: "accuracy, %",
        [(alpha, 100 * validationAccuracy), (weights, 100 * trainingAccuracy)],
        caption: "of the supernet"),
      ReportCurve(
        "Entropy of the weights", axis: "entropy, nats", [("mean over the edges", alphaEntropy)],
        levels: [0], isEntropy: true,
        caption:
          "log M nats where all M candidates of an edge weigh the same, so that nothing is decided; "
          + "0 where one has all the weight"),
      ReportCurve(
        "Skip connections in the derived cell", axis: "skip connections",
        [("", Double(skipCount))]),
    ] + (observed ?? []).map { ReportCurve($0.title, axis: $0.axis, [("", $0.scaledValue)]) }
  }
}

/// The mean over all rows of the entropy of their softmax, in nats: log M at the start, 0 when decided.
public func meanEntropy(_ logits: [Tensor]) -> Double {
  let rows = logits.flatMap { logits -> [Double] in
    let width = logits.shape.channels
    let logP = logits.logSoftmax().doubles
    return stride(from: 0, to: logP.count, by: width).map { start in
      logP[start..<start + width].reduce(0) { $0 - Double(Elementary.exp(Scalar($1))) * $1 }
    }
  }
  return rows.reduce(0, +) / Double(max(1, rows.count))
}
