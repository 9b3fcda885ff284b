import Tensors

/// What a path costs for one image.
public struct Cost: Hashable, Sendable {
  /// Executed ReLUs.
  public var relus = 0
  /// Depthwise convolutions.
  public var depthwise = 0
  /// Dense 1x1 convolutions.
  public var pointwise = 0
  /// Other dense convolutions.
  public var dense = 0
  /// Batch norms.
  public var batchNorms = 0
  /// Channels of the batch norms together.
  public var normalizedChannels = 0
  /// Average and max pools.
  public var pools = 0
  /// Multiply-accumulates of the convolutions; FLOPs are twice as many.
  public var macs = 0
  /// Convolution weights that are executed.
  public var executedWeights = 0
  /// Convolution weights that are trained.
  public var trainableWeights = 0
  /// Bytes of the results of all executed modules, in single precision.
  public var activationBytes = 0

  /// Creates a cost of nothing.
  public init() {}

  /// Executed modules; identity and zero do not count.
  public var modules: Int { relus + depthwise + pointwise + dense + batchNorms + pools }

  /// FLOPs = 2 MACs.
  public var flops: Int { 2 * macs }

  /// The cost of both.
  public static func + (a: Cost, b: Cost) -> Cost {
    var sum = Cost()
    for field in fields { sum[keyPath: field] = a[keyPath: field] + b[keyPath: field] }
    return sum
  }

  /// The cost of `count` times as much.
  public static func * (count: Int, cost: Cost) -> Cost {
    var product = Cost()
    for field in fields { product[keyPath: field] = count * cost[keyPath: field] }
    return product
  }

  private static var fields: [WritableKeyPath<Cost, Int>] {
    [
      \.relus, \.depthwise, \.pointwise, \.dense, \.batchNorms, \.normalizedChannels, \.pools,
      \.macs, \.executedWeights, \.trainableWeights, \.activationBytes,
    ]
  }
}

/// The cost of a path for one image.
///
/// Equation: TS-35 [reconstructed: high]. Depthwise C k^2 H W MACs and C k^2 weights; pointwise C^2 H W and C^2;
/// dense C^2 k^2 H W and C^2 k^2, along one axis C^2 k H W and C^2 k; activations: executed modules times C H W times 4 bytes.
/// H and W are those of a module's output. A module from C to C' channels has C C' in the place of C^2.
///
/// Explained in chapter 13.
public func cost(of path: Path, at size: MapSize = .reference) -> Cost {
  costAndOutput(path, size).cost
}

private func costAndOutput(_ path: Path, _ size: MapSize) -> (cost: Cost, output: MapSize) {
  switch path {
  case .module(let module): return costAndOutput(module, size)
  case .chain(let steps):
    return steps.reduce((Cost(), size)) { sofar, step in
      let (cost, output) = costAndOutput(step, sofar.1)
      return (sofar.0 + cost, output)
    }
  case .choice(let branches):
    let parts = branches.map { costAndOutput($0.path, size) }
    return (parts.map(\.cost).reduce(Cost(), +), parts.first?.output ?? size)
  }
}

private func costAndOutput(_ module: ModuleSpec, _ size: MapSize) -> (cost: Cost, output: MapSize) {
  var (cost, output) = (Cost(), size)
  switch module.kind {
  case .identity: return (cost, size)
  case .zero(let stride): return (cost, size.after(Window(1, stride: stride)))
  case .relu: cost.relus = 1
  case .batchNorm:
    cost.batchNorms = 1
    cost.normalizedChannels = size.channels
  case .averagePool(let window), .maxPool(let window):
    cost.pools = 1
    output = size.after(window)
  case .convolution(let window, let grouping, let kernel):
    let outputs = size.channels / module.widening.inputs * module.widening.outputs
    output = size.after(window, channels: outputs)
    let isDense = grouping == .dense
    if !isDense { cost.depthwise = 1 }
    if isDense && window.kernel == 1 { cost.pointwise = 1 }
    if isDense && window.kernel > 1 { cost.dense = 1 }
    let filters = outputs * (isDense ? size.channels : 1)
    cost.executedWeights = filters * window.kernel * window.kernel
    cost.macs = cost.executedWeights * output.pixels
    switch kernel {
    case .own: cost.trainableWeights = cost.executedWeights
    case .merged(let expression):
      cost.trainableWeights = expression.parts.reduce(expression.hasGain ? size.channels : 0) {
        $0 + filters * $1.window.kernel * $1.window.kernel
      }
    }
  case .stripConvolution(let strip):
    output = size.after(strip)
    cost.dense = 1
    cost.executedWeights = size.channels * size.channels * strip.window.kernel
    cost.trainableWeights = cost.executedWeights
    cost.macs = cost.executedWeights * output.pixels
  case .factorizedReduction:
    // Two 1x1 convolutions, each to half of the channels.
    output = size.after(Window(1, stride: 2))
    cost.pointwise = 2
    cost.executedWeights = size.channels * size.channels
    cost.trainableWeights = cost.executedWeights
    cost.macs = cost.executedWeights * output.pixels
  }
  cost.activationBytes = 4 * output.channels * output.pixels
  return (cost, output)
}
