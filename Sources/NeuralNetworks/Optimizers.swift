import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Stochastic gradient descent with momentum and weight decay.
///
///     g = gradient + weightDecay * p
///     v = momentum * v + g
///     p = p - learningRate * v                      or, with Nesterov momentum,
///     p = p - learningRate * (g + momentum * v)
public struct SGD: Sendable {
  /// How far a step goes; a schedule may change it between steps.
  public var learningRate: Double
  private let momentum: Double
  private let weightDecay: Double
  private let isNesterov: Bool
  /// v of each parameter, in the parameters' order; empty before the first step, or set to go on from a saved one.
  public var velocities: [Tensor] = []

  /// Creates the optimizer.
  public init(
    learningRate: Double, momentum: Double = 0, weightDecay: Double = 0, isNesterov: Bool = false
  ) {
    self.learningRate = learningRate
    self.momentum = momentum
    self.weightDecay = weightDecay
    self.isNesterov = isNesterov
  }

  /// Moves every parameter against its gradient; always the same parameters, in one order.
  public mutating func step(_ parameters: [Parameter], _ gradients: [Tensor]) {
    step(parameters, gradients, at: Array(parameters.indices))
  }

  /// Moves the parameters at `places` alone, against the gradients of these.
  ///
  /// The others stay where they are, and so do their velocities: no decay and no momentum moves a weight that a step
  /// did not use. `parameters` are always the same, in one order.
  public mutating func step(_ parameters: [Parameter], _ gradients: [Tensor], at places: [Int]) {
    checkPairs(places.map { parameters[$0] }, gradients)
    if velocities.isEmpty { velocities = parameters.map { .zeros($0.value.shape) } }
    let step = MomentumStep(
      learningRate: learningRate, momentum: momentum, weightDecay: weightDecay,
      isNesterov: isNesterov)
    step.run(
      zip(places, gradients).map { place, gradient in
        .init(&parameters[place].value, &velocities[place], gradient)
      })
  }
}

/// Adam (Kingma and Ba, 2015) with weight decay added to the gradient.
///
///     g = gradient + weightDecay * p
///     m = beta1 * m + (1 - beta1) * g,      m^ = m / (1 - beta1^t)
///     v = beta2 * v + (1 - beta2) * g^2,    v^ = v / (1 - beta2^t)
///     p = p - learningRate * m^ / (sqrt(v^) + epsilon)
public struct Adam: Sendable {
  /// How far a step goes.
  public var learningRate: Double
  private let beta1: Double
  private let beta2: Double
  private let epsilon: Double
  private let weightDecay: Double
  /// t: the number of steps taken; it and the moments can be set, to go on from saved ones.
  public var steps = 0
  /// m of each parameter; empty before the first step.
  public var firstMoments: [Tensor] = []
  /// v of each parameter; empty before the first step.
  public var secondMoments: [Tensor] = []

  /// Creates the optimizer.
  public init(
    learningRate: Double, betas: (Double, Double) = (0.9, 0.999), epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    (beta1, beta2) = betas
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// Moves every parameter against its gradient; always the same parameters, in one order.
  public mutating func step(_ parameters: [Parameter], _ gradients: [Tensor]) {
    checkPairs(parameters, gradients)
    if firstMoments.isEmpty {
      firstMoments = parameters.map { .zeros($0.value.shape) }
      secondMoments = firstMoments
    }
    steps += 1
    let corrections = (1 - pow(beta1, Double(steps)), 1 - pow(beta2, Double(steps)))
    for (index, parameter) in parameters.enumerated() {
      for i in 0..<parameter.value.shape.count {
        let p = Double(parameter.value[i])
        let g = Double(gradients[index][i]) + weightDecay * p
        let m = beta1 * Double(firstMoments[index][i]) + (1 - beta1) * g
        let v = beta2 * Double(secondMoments[index][i]) + (1 - beta2) * g * g
        firstMoments[index][i] = Scalar(m)
        secondMoments[index][i] = Scalar(v)
        let step = m / corrections.0 / ((v / corrections.1).squareRoot() + epsilon)
        parameter.value[i] = Scalar(p - learningRate * step)
      }
    }
  }
}

/// Shortens the gradients so that their common length is at most `limit`; returns the length before.
///
/// The length is the square root of the sum of squares of all scalars of all gradients.
@discardableResult
public func clipByGlobalNorm(_ gradients: inout [Tensor], to limit: Double) -> Double {
  let norm = gradients.sumOfSquares.squareRoot()
  guard norm > limit else { return norm }
  // The 1e-6 is that of the reference implementation.
  gradients.scale(by: Scalar(limit / (norm + 1e-6)))
  return norm
}

/// The cosine schedule of the learning rate.
///
/// Equation: D1-9 [published: quark0/darts].
/// eta(e) = minimum + (maximum - minimum) (1 + cos(pi e / epochs)) / 2, e = 0 ..< epochs.
///
/// Explained in chapter 14.
public func cosineLearningRate(
  epoch: Int, of epochs: Int, from maximum: Double, to minimum: Double
) -> Double {
  precondition(epochs > 0, "a schedule needs at least one epoch, found \(epochs)")
  return minimum
    + (maximum - minimum) * (1 + cos(Double.pi * Double(epoch) / Double(epochs))) / 2
}

func checkPairs(_ parameters: [Parameter], _ gradients: [Tensor]) {
  precondition(
    parameters.count == gradients.count,
    "\(parameters.count) parameters need as many gradients, found \(gradients.count)")
  for (parameter, gradient) in zip(parameters, gradients) {
    precondition(
      parameter.value.shape == gradient.shape,
      "\(parameter.name) has shape \(parameter.value.shape), its gradient \(gradient.shape)")
  }
}
