import Autodiff
import NeuralNetworks
import Tensors

/// The loss of a one-level search on a batch of training images: weights and gates descend on the same one.
///
/// Equation: B-2 [published: sunsmarterjie/GOLD_NAS]. L(w, a) = L_CE + 0.4 L_aux + lambda_t R(a), w and a stepped on
/// the same training batch.
///
/// - Parameters:
///   - crossEntropy: L_CE, a single number.
///   - auxiliary: L_aux, the cross entropy of the auxiliary head; nil in a network without one.
///   - penalty: R, the sum over the cells.
///   - penaltyWeight: lambda of this epoch.
///   - auxiliaryWeight: what L_aux is multiplied by.
/// - Returns: L, a single number.
///
/// Explained in chapter 18.
public func oneLevelLoss(
  crossEntropy: Variable, auxiliary: Variable? = nil, penalty: Variable, penaltyWeight: Double,
  auxiliaryWeight: Double = 0.4
) -> Variable {
  let loss = crossEntropy + Scalar(penaltyWeight) * penalty
  return auxiliary.map { loss + Scalar(auxiliaryWeight) * $0 } ?? loss
}

/// The step of weights and gates, with the optimizers that make it.
public struct OneLevelStep: Sendable {
  /// What moves the weights.
  public var weightOptimizer: SGD
  /// What moves the gates.
  public var gateOptimizer: SGD
  /// How long the gradient of the weights may be.
  public let gradientClip: Double

  /// Creates the step with new optimizers; the standard numbers are the published ones.
  public init(
    learningRate: Double = 0.01, gateLearningRate: Double = 1, momentum: Double = 0.9,
    weightDecay: Double = 3e-4, gradientClip: Double = 5
  ) {
    weightOptimizer = SGD(
      learningRate: learningRate, momentum: momentum, weightDecay: weightDecay)
    gateOptimizer = SGD(learningRate: gateLearningRate, momentum: momentum)
    self.gradientClip = gradientClip
  }

  /// Moves gates and weights against the gradients of one pass; returns the length of the weights' one before
  /// clipping.
  ///
  /// Equation: B-15 [published: sunsmarterjie/GOLD_NAS]. one forward and backward pass of B-2; the gradient of w
  /// alone is clipped to a norm of 5; SGD of the gates (rate 1, momentum 0.9, no weight decay), then SGD of w (rate
  /// 0.01 constant, momentum 0.9, weight decay 3e-4), both with the gradients of that pass.
  ///
  /// Explained in chapter 18.
  @discardableResult
  public mutating func callAsFunction(
    weights: [Parameter], _ weightGradients: [Tensor],
    gates: [Parameter], _ gateGradients: [Tensor]
  ) -> Double {
    var clipped = weightGradients
    let norm = clipByGlobalNorm(&clipped, to: gradientClip)
    gateOptimizer.step(gates, gateGradients)
    weightOptimizer.step(weights, clipped)
    return norm
  }
}
