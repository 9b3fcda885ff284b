import Autodiff
import Tensors

/// A map on its way through paths: what several of them need of it is computed once.
///
/// The edges that leave a node share its pools. A ReLU is not computed at all where a convolution can
/// take it along, and once where something else needs it.
final class PathInput {
  /// The map before the ReLU, if there is one.
  let raw: Variable
  /// Whether the map is max(raw, 0).
  let isRectified: Bool

  /// The map itself.
  lazy var value: Variable = isRectified ? relu(raw) : raw
  /// max(map, 0), not stored yet.
  lazy var rectified: PathInput = isRectified ? self : PathInput(raw, isRectified: true)
  /// The mean and variance of the map's channels.
  lazy var moments: ChannelMoments.Pair = ChannelMoments.of(value.value)
  private var averages: [Window: PathInput] = [:]
  private var maxima: [Window: PathInput] = [:]

  init(_ raw: Variable, isRectified: Bool = false) {
    self.raw = raw
    self.isRectified = isRectified
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
