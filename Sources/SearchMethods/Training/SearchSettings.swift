import SearchSpaces

/// The numbers that a search depends on, with the data and the seed.
public struct SearchSettings: Hashable, Codable, Sendable {
  /// Passes over the training half.
  public var epochs: Int
  /// Images per step.
  public var batchSize: Int
  /// Learning rate of the weights in the first epoch; it falls on a cosine.
  public var learningRate = 0.025
  /// Learning rate of the weights that the cosine approaches.
  public var minimumLearningRate = 0.001
  /// Momentum of the weights' SGD.
  public var momentum = 0.9
  /// Whether the momentum has Nesterov's form.
  public var isNesterov = true
  /// Weight decay of the weights.
  public var weightDecay = 5e-4
  /// The length to which the weights' gradients are clipped.
  public var gradientClip = 5.0
  /// Learning rate of alpha's Adam.
  public var alphaLearningRate: Double
  /// Decay of the first moment of alpha's Adam.
  public var alphaBeta1 = 0.5
  /// Decay of the second moment of alpha's Adam.
  public var alphaBeta2 = 0.999
  /// Weight decay of alpha.
  public var alphaWeightDecay = 1e-3
  /// Whether a step moves alpha first and then the weights.
  public var movesAlphaFirst = false
  /// In so many epochs at the start the weights move alone.
  public var frozenEpochs = 0

  /// Creates settings; what is not given is that of DARTS on NAS-Bench-201
  /// [published: D-X-Y/AutoDL-Projects].
  public init(epochs: Int, batchSize: Int, alphaLearningRate: Double = 3e-4) {
    self.epochs = epochs
    self.batchSize = batchSize
    self.alphaLearningRate = alphaLearningRate
  }

  /// The settings of DARTS on a space with this recipe.
  public init(
    _ recipe: SearchRecipe, epochs: Int, batchSize: Int, alphaLearningRate: Double = 3e-4
  ) {
    self.init(epochs: epochs, batchSize: batchSize, alphaLearningRate: alphaLearningRate)
    weightDecay = recipe.weightDecay
    isNesterov = recipe.isNesterov
    movesAlphaFirst = recipe.movesAlphaFirst
  }
}
