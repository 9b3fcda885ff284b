import Tensors

/// The size of a map, or of all maps on an edge.
public struct MapSize: Hashable, Sendable {
  /// Channels.
  public var channels: Int
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int

  /// Creates a size.
  public init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// Rows and columns of the images that the published networks take.
  public static let imageExtent = 32

  /// The first stage of the CIFAR networks, to which the worked examples refer.
  public static let reference = MapSize(channels: 16, height: imageExtent, width: imageExtent)

  /// Pixels of the image.
  public var pixels: Int { height * width }

  /// The size after a window, of the same number of channels if no other is given.
  public func after(_ window: Window, channels outputs: Int? = nil) -> MapSize {
    MapSize(
      channels: outputs ?? channels, height: window.outputExtent(height),
      width: window.outputExtent(width))
  }

  /// The size after a window along one axis.
  public func after(_ strip: Strip) -> MapSize {
    let extents = strip.outputExtents(height: height, width: width)
    return MapSize(channels: channels, height: extents.height, width: extents.width)
  }

  /// Half of height and width.
  public var halved: MapSize { after(Window(1, stride: 2)) }
}
