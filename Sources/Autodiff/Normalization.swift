import Tensors

/// What batch normalization does to a map: y = gain (x - mean) / sqrt(variance + epsilon) + bias.
public struct Normalization {
  /// The mean of each channel.
  public let mean: [Double]
  /// The biased variance of each channel.
  public let variance: [Double]
  /// Whether mean and variance are those of the map itself (training), so that the gradient passes
  /// through them, or constants (evaluation).
  public let usesBatchStatistics: Bool
  /// Keeps the root away from 0.
  public let epsilon: Double
  /// What the normalized channels are multiplied by, [C]; nil is 1.
  public let gain: Variable?
  /// What is then added, [C]; nil is 0.
  public let bias: Variable?

  /// Normalization by the statistics of the map itself: training mode.
  public init(of x: Tensor, epsilon: Double = 1e-5, gain: Variable? = nil, bias: Variable? = nil) {
    self.init(moments: ChannelMoments.of(x), epsilon: epsilon, gain: gain, bias: bias)
  }

  /// The same, where the mean and biased variance of the map are known.
  public init(
    moments: ChannelMoments.Pair, epsilon: Double = 1e-5, gain: Variable? = nil,
    bias: Variable? = nil
  ) {
    (mean, variance) = moments
    usesBatchStatistics = true
    self.epsilon = epsilon
    self.gain = gain
    self.bias = bias
  }

  /// Normalization by given statistics: evaluation mode.
  public init(
    mean: [Double], variance: [Double], epsilon: Double = 1e-5, gain: Variable? = nil,
    bias: Variable? = nil
  ) {
    self.mean = mean
    self.variance = variance
    usesBatchStatistics = false
    self.epsilon = epsilon
    self.gain = gain
    self.bias = bias
  }
}

/// What an operation keeps of a normalization for its pullback: numbers and slots.
///
/// No variables: they hold the tape, which holds the pullback.
struct KeptNormalization {
  let mean: [Double]
  private let inverseDeviation: [Double]
  private let gain: [Double]
  private let bias: [Double]
  private let usesBatchStatistics: Bool
  private let gainSlot: Variable.Slot?
  private let biasSlot: Variable.Slot?

  init(_ n: Normalization) {
    mean = n.mean
    inverseDeviation = n.variance.map { 1 / ($0 + n.epsilon).squareRoot() }
    gain = n.gain?.value.doubles ?? n.mean.map { _ in 1 }
    bias = n.bias?.value.doubles ?? n.mean.map { _ in 0 }
    usesBatchStatistics = n.usesBatchStatistics
    gainSlot = n.gain?.slot
    biasSlot = n.bias?.slot
  }

  /// Whether gain or bias need a gradient.
  func isNeeded(_ gradients: Gradients) -> Bool {
    [gainSlot, biasSlot].contains { $0.map { gradients.needs($0) } ?? false }
  }

  /// `weight` times the normalization as scale x + offset, channel by channel.
  func affineMap(weight: Double) -> (scale: [Double], offset: [Double]) {
    let scale = mean.indices.map { weight * gain[$0] * inverseDeviation[$0] }
    return (scale, mean.indices.map { weight * bias[$0] - scale[$0] * mean[$0] })
  }

  /// Passes the gradient g of w (gain x^ + bias), x^ = (x - mean) / deviation, on to x.
  ///
  ///     dx = w gain / deviation * (g - mean of g - x^ * mean of g x^)
  ///
  /// The means are over pixels. So dx is g, x and a constant, each times one number per channel.
  /// `sum` is the sum of g, `product` that of g (x - mean). Returns the derivative with respect to w.
  func pullBack(
    _ g: Tensor, _ x: Tensor, _ slot: Variable.Slot, weight: Double, sum: [Double],
    product: [Double], _ gradients: inout Gradients
  ) -> Double {
    let normalizedProduct = zip(product, inverseDeviation).map { $0 * $1 }  // the sum of g x^
    let channels = sum.indices
    let pixels = Double(x.shape.pixels)
    let onGradient = affineMap(weight: weight).scale
    gradients.add([.init(g, scale: Tensor(vector: onGradient))], to: slot)
    if usesBatchStatistics {
      let onInput = channels.map {
        -onGradient[$0] * inverseDeviation[$0] * normalizedProduct[$0] / pixels
      }
      let shift = channels.map { -onGradient[$0] * sum[$0] / pixels - onInput[$0] * mean[$0] }
      gradients.add(
        [.init(x, scale: Tensor(vector: onInput))], shift: Tensor(vector: shift), to: slot)
    }
    if let gainSlot {
      gradients.add(Tensor(vector: normalizedProduct.map { weight * $0 }), to: gainSlot)
    }
    if let biasSlot { gradients.add(Tensor(vector: sum.map { weight * $0 }), to: biasSlot) }
    return channels.reduce(0) { $0 + gain[$1] * normalizedProduct[$1] + bias[$1] * sum[$1] }
  }
}
