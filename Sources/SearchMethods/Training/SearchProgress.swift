/// How far a search, or the training of a derived cell, is: the epochs behind it, and what the epoch it is in has summed up.
public struct SearchProgress: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Whole epochs done.
  public let epochs: Int
  /// Steps done in the epoch after them.
  public private(set) var steps = 0
  /// The sum of their training losses.
  public private(set) var lossSum = 0.0
  /// The sum of their right answers.
  public private(set) var correct = 0
  /// Wall time of each of them, in seconds.
  public private(set) var stepSeconds: [Double] = []

  /// Before the first step of an epoch.
  public init(epochs: Int = 0) { self.epochs = epochs }

  mutating func add(_ result: (loss: Double, correct: Int), seconds: Double) {
    steps += 1
    lossSum += result.loss
    correct += result.correct
    stepSeconds.append(seconds)
  }

  /// Whether a step was done.
  var hasBegun: Bool { epochs > 0 || steps > 0 }

  /// For example `epoch 3, step 12`, both counted from 1, or `the end of epoch 2`.
  public var description: String {
    guard steps == 0 else { return "epoch \(epochs + 1), step \(steps)" }
    return epochs == 0 ? "the beginning" : "the end of epoch \(epochs)"
  }
}
