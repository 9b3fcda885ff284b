import NeuralNetworks
import SearchSpaces

/// The numbers that the training of a discrete network depends on, with the data and the seed.
public struct TrainingSettings: Hashable, Codable, Sendable {
  /// Passes over the training images.
  public var epochs: Int
  /// Images per step.
  public var batchSize: Int
  /// Learning rate in the first epoch; it falls to 0 on a cosine, epoch by epoch.
  public var learningRate: Double
  /// Momentum of SGD.
  public var momentum = 0.9
  /// Whether the momentum has Nesterov's form.
  public var isNesterov: Bool
  /// Weight decay.
  public var weightDecay: Double
  /// The length to which gradients are clipped; nil leaves them as they are.
  public var gradientClip: Double?
  /// The probability of drop path that epoch / epochs approaches.
  public var dropPath = 0.0
  /// The weight of the auxiliary head's loss; nil where there is no such head.
  public var auxiliaryWeight: Double?
  /// The side of the square that is cut out of each training image; 0 is none.
  public var cutout = 0

  /// The settings of a recipe.
  public init(_ recipe: TrainingRecipe, epochs: Int, batchSize: Int) {
    (self.epochs, self.batchSize) = (epochs, batchSize)
    learningRate = recipe.learningRate
    isNesterov = recipe.isNesterov
    weightDecay = recipe.weightDecay
    gradientClip = recipe.gradientClip
    dropPath = recipe.dropPath ?? 0
    auxiliaryWeight = recipe.auxiliaryWeight
    cutout = recipe.cutout
  }

  /// The learning rate, and the probability that an image loses an operation, in an epoch, counted from 0.
  ///
  /// Both are those at the start of the epoch: no epoch has a learning rate of 0, and the first one no drop path. The
  /// published code reports the best accuracy on the test images; here it is that after the last epoch.
  ///
  /// Equation: B-19 [published: sunsmarterjie/GOLD_NAS]. eta(e) = .0125 (1 + cos(pi e / 600)), a drop path of .2 e /
  /// 600, e = 0 ... 599; batch 96, gradients clipped to 5; .025, .2 and 600 are settings here.
  ///
  /// Explained in chapter 26.
  public func rates(inEpoch epoch: Int) -> (learningRate: Double, dropPath: Double) {
    (
      cosineLearningRate(epoch: epoch, of: epochs, from: learningRate, to: 0),
      dropPath * Double(epoch) / Double(epochs)
    )
  }
}
