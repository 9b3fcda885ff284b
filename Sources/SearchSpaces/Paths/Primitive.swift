/// A candidate operation, by the name that the published code gives it.
public enum Primitive: String, CaseIterable, Codable, Sendable {
  /// No connection: zero.
  case none
  /// The identity; a factorized reduction where the image is halved.
  case skipConnect = "skip_connect"
  /// ReLU, 1x1 convolution, batch norm.
  case norConv1x1 = "nor_conv_1x1"
  /// ReLU, 3x3 convolution, batch norm.
  case norConv3x3 = "nor_conv_3x3"
  /// 3x3 average pooling, padding not counted; in the DARTS space then batch norm.
  case avgPool3x3 = "avg_pool_3x3"
  /// 3x3 max pooling, then batch norm.
  case maxPool3x3 = "max_pool_3x3"
  /// ReLU, depthwise 3x3, pointwise, batch norm, twice.
  case sepConv3x3 = "sep_conv_3x3"
  /// ReLU, depthwise 5x5, pointwise, batch norm, twice.
  case sepConv5x5 = "sep_conv_5x5"
  /// ReLU, depthwise 3x3 of dilation 2, pointwise, batch norm.
  case dilConv3x3 = "dil_conv_3x3"
  /// ReLU, depthwise 5x5 of dilation 2, pointwise, batch norm.
  case dilConv5x5 = "dil_conv_5x5"
}
