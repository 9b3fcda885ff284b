/// The extents of a tensor's axes, outermost first.
///
/// Feature maps are [N, H, W, C]: images, height, width, channels, with the channels innermost,
/// so that the lanes of a vector are channels. Convolution weights are [O, kH, kW, I]; weights of a
/// depthwise convolution are [C, kH, kW, 1].
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The extent of each axis; empty for a single number.
  public let extents: [Int]

  /// The number of scalars: the product of the extents.
  public let count: Int

  /// Creates a shape; every extent must be at least 0.
  public init(_ extents: [Int]) {
    precondition(extents.allSatisfy { $0 >= 0 }, "a shape has no negative extent: \(extents)")
    self.extents = extents
    count = extents.reduce(1, *)
  }

  /// Creates a shape from a literal such as `[64, 32, 32, 16]`.
  public init(arrayLiteral extents: Int...) { self.init(extents) }

  /// The number of axes.
  public var rank: Int { extents.count }

  /// The extent of one axis.
  public subscript(axis: Int) -> Int { extents[axis] }

  /// N of [N, H, W, C].
  public var images: Int { mapAxis(0) }
  /// H of [N, H, W, C].
  public var height: Int { mapAxis(1) }
  /// W of [N, H, W, C].
  public var width: Int { mapAxis(2) }

  /// The extent of the innermost axis; 1 for a single number.
  public var channels: Int { extents.last ?? 1 }

  /// The number of positions that have `channels` scalars each.
  public var pixels: Int { extents.dropLast().reduce(1, *) }

  /// For example `[64, 32, 32, 16]`.
  public var description: String { "[\(extents.map(String.init).joined(separator: ", "))]" }

  private func mapAxis(_ axis: Int) -> Int {
    precondition(rank == 4, "expected a feature map [N, H, W, C], found shape \(self)")
    return extents[axis]
  }
}
