/// The arithmetic of gradient descent with momentum and weight decay: all parameters in one parallel loop, each scalar
/// read and written once.
///
///     g = gradient + weightDecay * p
///     v = momentum * v + g
///     p = p - learningRate * v                      or, with Nesterov momentum,
///     p = p - learningRate * (g + momentum * v)
package struct MomentumStep {
  private let learningRate: Scalar
  private let momentum: Scalar
  private let weightDecay: Scalar
  private let isNesterov: Bool

  /// A parameter, its velocity and its gradient, for one step.
  package struct Part {
    fileprivate let parameter: UnsafeMutablePointer<Scalar>
    fileprivate let velocity: UnsafeMutablePointer<Scalar>
    fileprivate let gradient: Tensor

    /// Parts of one shape; the first two are written in place, and must live as long as this.
    package init(_ parameter: inout Tensor, _ velocity: inout Tensor, _ gradient: Tensor) {
      expectSameShape(parameter, gradient, "a parameter and its gradient")
      expectSameShape(parameter, velocity, "a parameter and its velocity")
      self.parameter = parameter.mutablePointer
      self.velocity = velocity.mutablePointer
      self.gradient = gradient
    }
  }

  /// A step with these settings.
  package init(
    learningRate: Double, momentum: Double, weightDecay: Double, isNesterov: Bool
  ) {
    self.learningRate = Scalar(learningRate)
    self.momentum = Scalar(momentum)
    self.weightDecay = Scalar(weightDecay)
    self.isNesterov = isNesterov
  }

  /// Moves the parameters and their velocities.
  package func run(_ parts: [Part]) {
    parallelPieces(of: parts.map(\.gradient.shape.count)) { move(parts[$0.tensor], $0.scalars) }
  }

  private func move(_ part: Part, _ scalars: Range<Int>) {
    let (rate, momentum, decay) = (splat(-learningRate), splat(momentum), splat(weightDecay))
    let source = part.gradient.pointer
    for i in stride(from: scalars.lowerBound, to: scalars.upperBound, by: lanes) {
      var (p, g) = (load(part.parameter + i), load(source + i))
      addProduct(&g, p, decay)
      let v = add(multiply(load(part.velocity + i), momentum), g)
      if isNesterov { addProduct(&g, v, momentum) }
      addProduct(&p, isNesterov ? g : v, rate)
      store(v, part.velocity + i, count: scalars.upperBound - i)
      store(p, part.parameter + i, count: scalars.upperBound - i)
    }
  }
}

extension Naive {
  /// The twin of `MomentumStep`: parameter and velocity after a step.
  package static func momentumStep(
    _ p: Tensor, velocity v: Tensor, gradient: Tensor, learningRate: Scalar, momentum: Scalar,
    weightDecay: Scalar, isNesterov: Bool
  ) -> (parameter: Tensor, velocity: Tensor) {
    let g = gradient + weightDecay * p
    let velocity = momentum * v + g
    let direction = isNesterov ? g + momentum * velocity : velocity
    return (p - learningRate * direction, velocity)
  }
}
