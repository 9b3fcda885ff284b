/// How dense convolutions are computed.
///
///     ConvolutionAlgorithm.$current.withValue(.automatic) { Convolution.forward(x, w, Window(3)) }
///
/// The results of both ways differ by rounding alone: that of Winograd's is two to three times as large. Everything
/// that runs inside `withValue` takes the same way, whatever the number of threads.
public enum ConvolutionAlgorithm: String, CaseIterable, Codable, Sendable {
  /// As the sum that it is.
  case direct
  /// By Winograd's short convolutions wherever they apply; directly elsewhere.
  ///
  /// They apply to 3x3 windows of stride 1 and dilation 1, from and to channels that are multiples of sixteen.
  case winograd
  /// By Winograd's short convolutions where they apply and save at least half of the multiplications.
  case automatic

  /// The algorithm of what runs here.
  @TaskLocal public static var current = ConvolutionAlgorithm.direct

  /// Whether the convolution of x [N, H, W, I] to `outputs` channels goes by Winograd.
  ///
  /// A tile of 4x4 outputs, of which some may lie outside, takes 36 multiplications, and an output 9 directly. So half
  /// of them are saved if the tiles are at least half full. Measured with AVX-512 on 64 images, a call takes the direct
  /// time divided by 1.4 to 3 on full tiles, by 1.1 to 1.5 on maps of 3x3, and by 0.9 to 1.0 on maps of 2x2.
  func usesWinograd(_ window: Window, _ x: Shape, outputs: Int) -> Bool {
    guard
      window == Window(3) && x.channels.isMultiple(of: lanes) && outputs.isMultiple(of: lanes)
    else { return false }
    return switch self {
    case .direct: false
    case .winograd: true
    case .automatic: 2 * x.height * x.width >= 16 * WinogradTiles.count(x)
    }
  }
}
