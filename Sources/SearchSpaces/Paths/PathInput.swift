import Autodiff
import Tensors

/// A map on its way through paths: what several of them need of it is computed once.
///
/// The edges that leave a node share its pools. A ReLU is not computed at all where a convolution can
/// take it along, and once where something else needs it.
final class PathInput {
  /// What has to be computed for the map in front of the ReLU.
  enum Source {
    /// Nothing.
    case stored(Variable)
    /// A batch norm, which a depthwise convolution can take along.
    case normalized(Variable, Normalization)
    /// A sum of depthwise convolutions, which a pointwise convolution can take along.
    case depthwise([DepthwiseTerm])
  }

  /// The map in front of the ReLU, computed once for all that read it, rectified or not.
  private final class Unrectified {
    let source: Source
    lazy var value: Variable =
      switch source {
      case .stored(let x): x
      case .normalized(let x, let normalization): batchNorm(x, normalization)
      case .depthwise(let terms): depthwiseConvolution(sumOf: terms)
      }

    init(_ source: Source) { self.source = source }
  }

  private let unrectified: Unrectified
  /// Whether the map is max(raw, 0).
  let isRectified: Bool

  /// What the map in front of the ReLU is made of.
  var source: Source { unrectified.source }
  /// The map before the ReLU, if there is one.
  var raw: Variable { unrectified.value }
  /// The map itself.
  lazy var value: Variable = isRectified ? relu(raw) : raw
  /// max(map, 0), not stored yet.
  var rectified: PathInput { isRectified ? self : behindReLU }
  private lazy var behindReLU = PathInput(unrectified, isRectified: true)
  private let knownMoments: ChannelMoments.Sums?
  /// The mean and variance of the map's channels.
  lazy var moments: ChannelMoments.Pair = knownMoments?.pair ?? ChannelMoments.of(value.value)
  private var averages: [Window: PathInput] = [:]
  private var maxima: [Window: PathInput] = [:]

  /// A stored map, with its moments if the caller has them already.
  convenience init(_ x: Variable, moments: ChannelMoments.Sums? = nil) {
    self.init(Unrectified(.stored(x)), isRectified: false, moments)
  }

  convenience init(_ source: Source) { self.init(Unrectified(source), isRectified: false) }

  private init(
    _ unrectified: Unrectified, isRectified: Bool, _ moments: ChannelMoments.Sums? = nil
  ) {
    self.unrectified = unrectified
    self.isRectified = isRectified
    knownMoments = moments
  }

  /// The depthwise convolution of the map by `w`.
  func depthwiseTerm(_ w: Variable, _ window: Window) -> DepthwiseTerm {
    if case .normalized(let x, let normalization) = source {
      return DepthwiseTerm(
        x: x, normalization: normalization, w: w, window: window, afterReLU: isRectified)
    }
    return DepthwiseTerm(x: raw, w: w, window: window, afterReLU: isRectified)
  }

  /// The shape of the map.
  var shape: Shape {
    switch source {
    case .stored(let x), .normalized(let x, _): x.shape
    case .depthwise(let terms): terms[0].outputShape
    }
  }

  /// The average-pooled map.
  func averagePooled(_ window: Window) -> PathInput {
    if let found = averages[window] { return found }
    let pooled = PathInput(averagePool(value, window))
    averages[window] = pooled
    return pooled
  }

  /// The max-pooled map.
  func maxPooled(_ window: Window) -> PathInput {
    if let found = maxima[window] { return found }
    let pooled = PathInput(maxPool(value, window))
    maxima[window] = pooled
    return pooled
  }
}
