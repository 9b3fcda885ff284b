import Autodiff
import Tensors

// Initial weights depend on the seed and on the layer's name alone, so that two networks that share a
// layer start it alike, whatever other layers they hold.

/// A dense convolution without bias: x [N, H, W, inputs], result [N, H', W', outputs].
public final class Convolution2D: Layer {
  /// The weight [outputs, k, k, inputs].
  public let parameters: [Parameter]
  private let window: Window

  /// Creates a convolution with random weights.
  public init(
    _ name: String, inputs: Int, outputs: Int, _ window: Window, seed: RandomGenerator
  ) {
    self.window = window
    var generator = seed.stream(name)
    let shape: Shape = [outputs, window.kernel, window.kernel, inputs]
    parameters = [Parameter("\(name).weight", Kaiming.uniform(shape, using: &generator))]
  }

  /// Applies the convolution, to max(x, 0) with `afterReLU`.
  public func callAsFunction(
    _ x: Variable, in pass: ForwardPass, afterReLU: Bool = false
  ) -> Variable {
    convolution(x, pass.variable(parameters[0]), window, afterReLU: afterReLU)
  }
}

/// Batch normalization of each channel over N, H and W.
///
/// In training mode by the statistics of the batch; the running statistics move toward them by
/// `momentum`, or that of the pass, the variance without bias. In evaluation mode by the running statistics.
public final class BatchNorm: Layer {
  /// Gain [C] and bias [C] if affine, else none.
  public let parameters: [Parameter]
  /// Running mean [C] and variance [C].
  public let buffers: [Parameter]
  private let momentum: Scalar
  private let epsilon: Double

  /// Creates a batch normalization with gain 1, bias 0, running mean 0 and running variance 1.
  public init(
    _ name: String, channels: Int, affine: Bool, momentum: Scalar = 0.1, epsilon: Double = 1e-5
  ) {
    self.momentum = momentum
    self.epsilon = epsilon
    let (zeros, ones) = (Tensor.zeros([channels]), Tensor(repeating: 1, shape: [channels]))
    parameters = affine ? [Parameter("\(name).gain", ones), Parameter("\(name).bias", zeros)] : []
    buffers = [
      Parameter("\(name).runningMean", zeros), Parameter("\(name).runningVariance", ones),
    ]
  }

  /// The normalization of `x` [..., C] in this pass; in training it updates the running statistics.
  ///
  /// Callers that know the mean and variance of x already can give them.
  public func normalization(
    of x: Tensor, moments: @autoclosure () -> ChannelMoments.Pair? = nil, in pass: ForwardPass
  ) -> Normalization {
    let affine = parameters.map(pass.variable)
    switch pass.mode {
    case .training:
      let own = Normalization(
        moments: moments() ?? ChannelMoments.of(x), epsilon: epsilon, gain: affine.first,
        bias: affine.last)
      update(own, pixels: x.shape.pixels, by: pass.momentum ?? momentum)
      return own
    case .evaluation:
      return Normalization(
        mean: buffers[0].value.doubles, variance: buffers[1].value.doubles, epsilon: epsilon,
        gain: affine.first, bias: affine.last)
    }
  }

  /// Applies the normalization.
  public func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    batchNorm(x, normalization(of: x.value, in: pass))
  }

  private func update(_ own: Normalization, pixels: Int, by momentum: Scalar) {
    let unbiased = Double(pixels) / Double(max(1, pixels - 1))
    for (buffer, now) in zip(buffers, [own.mean, own.variance.map { $0 * unbiased }]) {
      buffer.value.move(toward: Tensor(vector: now), by: momentum)
    }
  }
}

/// A linear map: x [N, inputs], result x w^T + b [N, outputs].
public final class Linear: Layer {
  /// The weight [outputs, inputs] and the bias [outputs].
  public let parameters: [Parameter]

  /// Creates a linear map with random weights and bias.
  public init(
    _ name: String, inputs: Int, outputs: Int, seed: RandomGenerator
  ) {
    var generator = seed.stream(name)
    let bound = 1 / Scalar(inputs).squareRoot()
    parameters = [
      Parameter("\(name).weight", Kaiming.uniform([outputs, inputs], using: &generator)),
      Parameter("\(name).bias", .uniform([outputs], in: -bound...bound, using: &generator)),
    ]
  }

  /// Applies the map.
  public func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    addBias(linear(x, pass.variable(parameters[0])), pass.variable(parameters[1]))
  }
}
