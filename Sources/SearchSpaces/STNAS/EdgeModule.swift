import Tensors

/// The module that every edge of an ST-NAS stage is: what it computes, and what it costs.
///
/// It leaves the size of a map as it is. Its weights are those of its edge alone.
public enum EdgeModule: Hashable, Sendable {
  /// ReLU, dense convolution, batch norm.
  case convolution(kernel: Int)
  /// ReLU, depthwise convolution, pointwise convolution, batch norm.
  case separableConvolution(kernel: Int)
  /// The inverted residual of MobileNetV2 (MBConv), without a shortcut of its own: the other edges are what leads past it.
  ///
  /// 1x1 convolution to `expansion` times the channels, batch norm, ReLU, depthwise convolution, batch norm, ReLU, 1x1
  /// convolution back, batch norm. Without an expansion, at 1, the first three are left out.
  case invertedResidual(kernel: Int, expansion: Int)

  /// The name of the module as a candidate.
  public var primitive: Primitive {
    switch self {
    case .convolution(let k): Primitive(rawValue: "nor_conv_\(k)x\(k)")
    case .separableConvolution(let k): Primitive(rawValue: "once_sep_conv_\(k)x\(k)")
    case .invertedResidual(let k, let t): Primitive(rawValue: "mb\(t)_conv_\(k)x\(k)")
    }
  }

  /// The modules that a space can be made of on a command line, and a topology read of.
  public static let named: [EdgeModule] =
    [3, 5].map { .convolution(kernel: $0) } + [3, 5].map { .separableConvolution(kernel: $0) }
    + [3, 5].flatMap { kernel in
      [1, 2, 3, 4, 6].map { .invertedResidual(kernel: kernel, expansion: $0) }
    }

  /// What the module computes.
  public var path: Path {
    func step(
      _ kind: ModuleSpec.Kind, _ role: String, _ widening: ModuleSpec.Widening = .none
    ) -> ModuleSpec {
      ModuleSpec(kind, of: primitive, role: role, widening: widening)
    }
    switch self {
    case .convolution(let kernel):
      return .chain([
        step(.relu, "relu"), step(.convolution(Window(kernel), .dense, .own), "conv"),
        step(.batchNorm, "bn"),
      ])
    case .separableConvolution(let kernel):
      return .chain([
        step(.relu, "relu"), step(.convolution(Window(kernel), .depthwise, .own), "dw"),
        step(.convolution(Window(1), .dense, .own), "pw"), step(.batchNorm, "bn"),
      ])
    case .invertedResidual(let kernel, let t):
      let inside = ModuleSpec.Widening(from: t, to: t)
      let expansion = [
        step(.convolution(Window(1), .dense, .own), "expand", .init(from: 1, to: t)),
        step(.batchNorm, "bn1", inside), step(.relu, "relu1", inside),
      ]
      return .chain(
        (t > 1 ? expansion : []) + [
          step(.convolution(Window(kernel), .depthwise, .own), "dw", inside),
          step(.batchNorm, "bn2", inside), step(.relu, "relu2", inside),
          step(.convolution(Window(1), .dense, .own), "project", .init(from: t, to: 1)),
          step(.batchNorm, "bn3"),
        ])
    }
  }

  /// What the module costs on maps of `size`.
  public func cost(at size: MapSize) -> NetworkCost {
    let (channels, pixels) = (size.channels, size.pixels)
    switch self {
    case .convolution(let kernel):
      let weights = channels * channels * kernel * kernel
      return NetworkCost(macs: weights * pixels, parameters: weights + 2 * channels)
    case .separableConvolution(let kernel):
      let weights = channels * (channels + kernel * kernel)
      return NetworkCost(macs: weights * pixels, parameters: weights + 2 * channels)
    case .invertedResidual(let kernel, let t):
      let norms = (t > 1 ? 2 * t : t) * channels + channels
      let weights =
        (t > 1 ? t * channels * channels : 0) + kernel * kernel * t * channels
        + t * channels * channels
      return NetworkCost(
        macs: invertedResidualMACs(
          channels, expansion: t, kernel: kernel, outputs: channels, inputPixels: pixels,
          outputPixels: pixels), parameters: weights + 2 * norms)
    }
  }
}

/// Multiply-accumulates of an inverted residual (MBConv) for one image.
///
/// Equation: C-13 [derived]. t C^2 r^2 + k^2 t C r'^2 + t C C' r'^2 for C channels of r x r in and C' of r' x r' out,
/// expansion t, kernel k; the first term drops for t = 1.
///
/// Explained in chapter 21.
public func invertedResidualMACs(
  _ channels: Int, expansion: Int, kernel: Int, outputs: Int, inputPixels: Int, outputPixels: Int
) -> Int {
  let wide = expansion * channels
  let expanding = expansion > 1 ? wide * channels * inputPixels : 0
  return expanding + kernel * kernel * wide * outputPixels + wide * outputs * outputPixels
}
