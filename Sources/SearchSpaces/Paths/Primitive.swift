/// A candidate operation, by the name that the published code gives it.
///
/// It is a name and nothing else: what it computes is a `Path`, which a search space says. So any name will do, and a
/// space of your own calls its candidates what it likes: `"my_conv_5x5"` is a `Primitive`.
public struct Primitive: RawRepresentable, Hashable, Codable, Sendable {
  /// The name.
  public let rawValue: String

  /// Creates a candidate of this name.
  public init(rawValue: String) { self.rawValue = rawValue }

  /// No connection: zero.
  public static let none: Primitive = "none"
  /// The identity; a factorized reduction where the image is halved.
  public static let skipConnect: Primitive = "skip_connect"
  /// ReLU, 1x1 convolution, batch norm.
  public static let norConv1x1: Primitive = "nor_conv_1x1"
  /// ReLU, 3x3 convolution, batch norm.
  public static let norConv3x3: Primitive = "nor_conv_3x3"
  /// 3x3 average pooling, padding not counted; in the DARTS space then batch norm.
  public static let avgPool3x3: Primitive = "avg_pool_3x3"
  /// 3x3 max pooling, then batch norm.
  public static let maxPool3x3: Primitive = "max_pool_3x3"
  /// ReLU, depthwise 3x3, pointwise, batch norm, twice.
  public static let sepConv3x3: Primitive = "sep_conv_3x3"
  /// ReLU, depthwise 5x5, pointwise, batch norm, twice.
  public static let sepConv5x5: Primitive = "sep_conv_5x5"
  /// ReLU, depthwise 7x7, pointwise, batch norm, twice; in published cells, not searched.
  public static let sepConv7x7: Primitive = "sep_conv_7x7"
  /// ReLU, 1x7 convolution, 7x1 convolution, batch norm; in published cells, not searched.
  public static let conv7x1And1x7: Primitive = "conv_7x1_1x7"
  /// ReLU, depthwise 3x3 of dilation 2, pointwise, batch norm.
  public static let dilConv3x3: Primitive = "dil_conv_3x3"
  /// ReLU, depthwise 5x5 of dilation 2, pointwise, batch norm.
  public static let dilConv5x5: Primitive = "dil_conv_5x5"
}

extension Primitive: ExpressibleByStringInterpolation, CustomStringConvertible {
  /// Creates a candidate from its name in the source.
  public init(stringLiteral name: String) { self.init(rawValue: name) }
  /// The name.
  public var description: String { rawValue }
}
