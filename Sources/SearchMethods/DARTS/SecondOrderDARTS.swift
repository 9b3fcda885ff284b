import Datasets
import NeuralNetworks
import SearchSpaces
import Settings
import Tensors

/// DARTS, second order: alpha moves as if the weights took a step of their own after it.
public struct SecondOrderDARTS: SearchMethod {
  /// xi, how far that step goes; nil is the learning rate of the weights.
  public let unrolledRate: Double?
  /// r, how far the weights are moved to either side for the difference.
  public let distance: Double

  /// Creates the method.
  public init(unrolledRate: Double? = nil, distance: Double = 0.01) {
    self.unrolledRate = unrolledRate
    self.distance = distance
  }

  /// The name of the method and its learning rate.
  public var description: String {
    "second-order DARTS, xi \(unrolledRate.map { "\($0)" } ?? "the learning rate of the weights")"
  }

  /// Alpha moves first, on the batch on which the weights move next [published: quark0/darts].
  public func adapt(_ settings: inout SearchSettings) { settings.movesAlphaFirst = true }

  /// D1-6 on the network; weights and running statistics are afterwards what they were, to the last bit.
  ///
  /// In the published code the three passes on the network's own weights move its running statistics; here none does.
  /// The loss is L_val at the unrolled weights.
  public func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    let network = step.network
    let (parameters, alphas) = (network.parameters, network.architectureParameters)
    let kept = (parameters + network.buffers).map { (parameter: $0, value: $0.value) }
    defer { for (parameter, value) in kept { parameter.value = value } }
    func result(at weights: [Tensor], on batch: Batch, of wanted: [Parameter]) -> BatchResult {
      for (parameter, value) in zip(parameters, weights) { parameter.value = value }
      return lossAndGradients(of: network, batch, step.relaxation, differentiating: wanted)
    }
    let (w, training) = (parameters.map(\.value), step.training())
    let rate = unrolledRate ?? step.weightOptimizer.learningRate
    let unrolled = unrolledWeights(
      w, gradient: result(at: w, on: training, of: parameters).gradients, rate: rate,
      velocities: step.weightOptimizer.velocities, momentum: step.settings.momentum,
      weightDecay: step.settings.weightDecay)
    let outer = result(at: unrolled, on: step.validation, of: parameters + alphas)
    return BatchResult(
      loss: outer.loss, correct: outer.correct,
      gradients: secondOrderArchitectureGradient(
        at: w, rate: rate, validation: Array(outer.gradients.dropFirst(parameters.count)),
        along: Array(outer.gradients.prefix(parameters.count)), distance: distance
      ) { result(at: $0, on: training, of: alphas).gradients })
  }
}

/// The weights after a step of their own.
///
/// Equation: D1-5 [published: quark0/darts]. w' = w - xi (mom v + gradient of L_train + wd w), v the momentum buffer, which
/// is 0 before the first step; in the paper mom = wd = 0.
///
/// Explained in chapter 07.
public func unrolledWeights(
  _ w: [Tensor], gradient: [Tensor], rate xi: Double, velocities: [Tensor] = [],
  momentum: Double = 0, weightDecay: Double = 0
) -> [Tensor] {
  w.indices.map { index in
    var direction = gradient[index]
    direction.add(w[index], scaledBy: Scalar(weightDecay))
    if !velocities.isEmpty { direction.add(velocities[index], scaledBy: Scalar(momentum)) }
    var unrolled = w[index]
    unrolled.add(direction, scaledBy: Scalar(-xi))
    return unrolled
  }
}

/// The gradient of L_val(w'(alpha), alpha) with respect to alpha.
///
/// Equation: D1-6 [published: quark0/darts]. d alpha = gradient in alpha of L_val(w', alpha) - xi H,
/// H = (gradient in alpha of L_train(w+, alpha) - that of L_train(w-, alpha)) / (2 epsilon), w+- = w +- epsilon v,
/// v = gradient in w' of L_val(w', alpha), epsilon = r / |v|, r = 0.01.
///
/// - Parameters:
///   - w: the weights, not the unrolled ones.
///   - xi: the learning rate with which they were unrolled.
///   - validation: the gradients in alpha of L_val at the unrolled weights.
///   - v: the gradients in the weights of L_val at the unrolled weights.
///   - r: how far the weights are moved to either side.
///   - trainingGradient: the gradients in alpha of L_train at given weights.
/// - Returns: the gradients of the architecture parameters.
///
/// Explained in chapter 07.
public func secondOrderArchitectureGradient(
  at w: [Tensor], rate xi: Double, validation: [Tensor], along v: [Tensor],
  distance r: Double = 0.01, trainingGradient: (_ weights: [Tensor]) -> [Tensor]
) -> [Tensor] {
  let product = mixedDerivative(at: w, along: v, distance: r, of: trainingGradient)
  return zip(validation, product).map { $0 - Scalar(xi) * $1 }
}

/// H of D1-6: the mixed second derivative of L_train times v, by a central difference; exact for quadratic losses.
func mixedDerivative(
  at w: [Tensor], along v: [Tensor], distance r: Double = 0.01,
  of trainingGradient: (_ weights: [Tensor]) -> [Tensor]
) -> [Tensor] {
  let length = v.reduce(0) { $0 + $1.dot($1) }.squareRoot()
  // Without a direction there is no difference; the product is 0 at any epsilon.
  let epsilon = length > 0 ? r / length : 1
  let ends = [epsilon, -epsilon].map { epsilon in
    trainingGradient(
      zip(w, v).map { w, v in
        var moved = w
        moved.add(v, scaledBy: Scalar(epsilon))
        return moved
      })
  }
  return zip(ends[0], ends[1]).map { Scalar(1 / (2 * epsilon)) * ($0 - $1) }
}

extension SecondOrderDARTS {
  /// Second-order DARTS in the list of methods.
  public static let entry = MethodEntry(
    "darts2", summary: "DARTS, second order",
    settings: [
      Setting(
        "unrolled-rate", .number(0...100),
        help: "xi, the learning rate of the step that alpha looks ahead.", standard: nil,
        standardText: "that of the weights in the epoch")
    ]
  ) { values, _ in SecondOrderDARTS(unrolledRate: values["unrolled-rate"]?.number) }
}
