/// A candidate operation, by the name that the published code gives it.
public enum Primitive: String, CaseIterable, Codable, Sendable {
  /// No connection: zero.
  case none
  /// The identity.
  case skipConnect = "skip_connect"
  /// ReLU, 1x1 convolution, batch norm.
  case norConv1x1 = "nor_conv_1x1"
  /// ReLU, 3x3 convolution, batch norm.
  case norConv3x3 = "nor_conv_3x3"
  /// 3x3 average pooling, padding not counted.
  case avgPool3x3 = "avg_pool_3x3"
}
