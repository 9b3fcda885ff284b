/// How far a search, or the training of a derived cell, is: the units of work done, and the sums of the unit it is in.
public struct SearchProgress: Codable, Equatable, Sendable, CustomStringConvertible {
  /// Whole units done: epochs, rounds, generations.
  public let units: Int
  /// Steps done in the unit after them.
  public private(set) var steps = 0
  /// The sum of their training losses.
  public private(set) var lossSum = 0.0
  /// The sum of their right answers.
  public private(set) var correct = 0
  /// Wall time of each of them, in seconds.
  public private(set) var stepSeconds: [Double] = []

  /// Before the first step of a unit.
  public init(units: Int = 0) { self.units = units }

  /// The names in a checkpoint.
  private enum CodingKeys: String, CodingKey {
    case units = "epochs"
    case steps, lossSum, correct, stepSeconds
  }

  /// Adds a step: its loss, its right answers, and its wall time in seconds.
  public mutating func add(_ result: (loss: Double, correct: Int), seconds: Double) {
    steps += 1
    lossSum += result.loss
    correct += result.correct
    stepSeconds.append(seconds)
  }

  /// Whether a step was done.
  public var hasBegun: Bool { units > 0 || steps > 0 }

  /// For example `epoch 3, step 12`, both counted from 1, or `the end of epoch 2`.
  public var description: String {
    guard steps == 0 else { return "epoch \(units + 1), step \(steps)" }
    return units == 0 ? "the beginning" : "the end of epoch \(units)"
  }
}
