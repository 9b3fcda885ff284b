import Tensors

/// One step of stochastic gradient Langevin dynamics, as it is published.
///
/// Equation: C-1 [published: Welling and Teh 2011]. w_(t+1) = w_t - (eps_t / 2) ((N / B) sum over b of grad l_b(w_t) +
/// grad(-log p_0(w_t))) + sqrt(eps_t) xi_t, xi_t ~ N(0, I); a Gaussian prior p_0 of precision lambda has grad(-log p_0(w))
/// = lambda w.
///
/// The noise has the deviation sqrt(eps), not eps: for small steps it outweighs the gradient, and the weights wander
/// over the posterior instead of going to its maximum. N / B makes the gradient of a batch one of all examples.
///
/// - Parameters:
///   - w: the weights, of any shape.
///   - gradients: grad l_b of each of the B examples of a batch, of the shape of w.
///   - priorPrecision: lambda, at least 0; 0 is no prior.
///   - stepSize: eps, at least 0.
///   - examples: N, at least B.
///   - noise: xi, of the shape of w.
/// - Returns: the weights after the step.
///
/// Explained in chapter 28.
public func langevinStep(
  _ w: Tensor, _ gradients: [Tensor], priorPrecision: Double, stepSize: Double, examples: Int,
  noise: Tensor
) -> Tensor {
  precondition(
    stepSize >= 0 && priorPrecision >= 0,
    "expected eps >= 0 and lambda >= 0, found \(stepSize) and \(priorPrecision)")
  precondition(
    1...max(1, examples) ~= gradients.count,
    "a batch has at least one and at most all \(examples) examples, found \(gradients.count)")
  var force = Scalar(priorPrecision) * w
  for gradient in gradients {
    force.add(gradient, scaledBy: Scalar(Double(examples) / Double(gradients.count)))
  }
  var moved = w
  moved.add(force, scaledBy: Scalar(-stepSize / 2))
  moved.add(noise, scaledBy: Scalar(stepSize.squareRoot()))
  return moved
}

/// Stochastic gradient Langevin dynamics: gradient descent whose noise makes the weights samples.
///
///     p = p - learningRate * (gradient + weightDecay * p) + sqrt(2 learningRate temperature / examples) * xi
///
/// The gradient is that of the mean loss of a batch, as for `SGD` and `Adam`. At a temperature of 1 the weights that it
/// visits after a while are samples of the posterior, at 0 the steps are those of plain SGD. The noise of a step follows
/// from the seed, the number of the step and the place of the parameter, so that a run that goes on from a saved number
/// of steps needs no random state.
public struct SGLD: Sendable {
  /// eta: how far a step goes.
  public var learningRate: Double
  /// wd: the precision of the prior, for each example.
  public let weightDecay: Double
  /// Temp: what the variance of the noise is multiplied by.
  public let temperature: Double
  /// N: how many examples the mean loss stands for.
  public let examples: Int
  /// The number of steps taken; it can be set, to go on from a saved one.
  public var steps = 0
  private let noise: RandomGenerator

  /// Creates the optimizer.
  ///
  /// - Parameters:
  ///   - learningRate: eta, at least 0.
  ///   - weightDecay: wd, at least 0.
  ///   - temperature: Temp, at least 0; 1 samples the posterior.
  ///   - examples: N, at least 1.
  ///   - noise: where the noise comes from.
  public init(
    learningRate: Double, weightDecay: Double = 0, temperature: Double = 1, examples: Int,
    noise: RandomGenerator
  ) {
    precondition(
      learningRate >= 0 && weightDecay >= 0 && temperature >= 0,
      "expected a learning rate, a weight decay and a temperature of at least 0, found \(learningRate), "
        + "\(weightDecay) and \(temperature)")
    precondition(examples > 0, "a posterior needs at least one example, found \(examples)")
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.temperature = temperature
    self.examples = examples
    self.noise = noise
  }

  /// Creates the optimizer whose steps are those of the published form.
  ///
  /// Equation: C-11 [derived]. C-1 with (eps, N, B, lambda) is C-1b with eta = eps N / 2, wd = lambda / N, Temp = 1, for
  /// the same noise.
  ///
  /// Explained in chapter 28.
  public init(stepSize: Double, priorPrecision: Double, examples: Int, noise: RandomGenerator) {
    self.init(
      learningRate: stepSize * Double(examples) / 2,
      weightDecay: priorPrecision / Double(examples), examples: examples, noise: noise)
  }

  /// Where a step takes weights of any shape; `gradient` and `noise` xi have the same shape, and nil is no noise.
  ///
  /// Equation: C-1b [derived]. w <- w - eta (grad L + wd w) + sqrt(2 eta Temp / N) xi, L the mean loss of a batch.
  ///
  /// The gradient of the posterior is N times as large as that of the mean loss, and so is eps smaller than eta: eps =
  /// 2 eta / N. Weight decay is the prior, and not added to it.
  ///
  /// Explained in chapter 28.
  public func moved(_ w: Tensor, gradient: Tensor, noise: Tensor?) -> Tensor {
    var (moved, force) = (w, gradient)
    force.add(w, scaledBy: Scalar(weightDecay))
    moved.add(force, scaledBy: Scalar(-learningRate))
    if let noise { moved.add(noise, scaledBy: Scalar(noiseDeviation)) }
    return moved
  }

  /// sqrt(2 eta Temp / N): how much noise a step adds to each weight.
  public var noiseDeviation: Double {
    (2 * learningRate * temperature / Double(examples)).squareRoot()
  }

  /// Moves every parameter; always the same parameters, in one order.
  public mutating func step(_ parameters: [Parameter], _ gradients: [Tensor]) {
    step(parameters, gradients, at: Array(parameters.indices))
  }

  /// Moves the parameters at `places` alone, with the gradients of these; the others get no noise either.
  public mutating func step(_ parameters: [Parameter], _ gradients: [Tensor], at places: [Int]) {
    checkPairs(places.map { parameters[$0] }, gradients)
    for (gradient, place) in zip(gradients, places) {
      let parameter = parameters[place]
      var generator = noise.stream("langevin", steps, place)
      parameter.value = moved(
        parameter.value, gradient: gradient,
        noise: temperature > 0 ? .normal(gradient.shape, using: &generator) : nil)
    }
    steps += 1
  }
}
