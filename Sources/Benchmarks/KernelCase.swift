import Tensors

/// A kernel in one direction on maps of one shape, as the supernets call it.
package struct KernelCase {
  /// What is computed.
  package enum Kernel: Hashable {
    case dense(Window, afterReLU: Bool)
    case depthwise(Window, afterReLU: Bool)
    case averagePool
    case maxPool
    case moments
    case sum
    case products
  }

  package enum Direction: String {
    case forward
    case inputGradient = "input gradient"
    case weightGradient = "weight gradient"
  }

  package let kernel: Kernel
  package let direction: Direction
  /// The shape of all maps, [N, H, W, C].
  package let shape: Shape
  /// How a dense convolution is computed.
  package let algorithm: ConvolutionAlgorithm

  /// Every kernel on the maps of the three stages, for 16 channels in the first.
  package static func all(batch: Int) -> [KernelCase] {
    kernels.flatMap { kernel in
      kernel.directions.flatMap { direction in
        [(16, 32), (32, 16), (64, 8)].flatMap { channels, extent in
          kernel.algorithms.map {
            KernelCase(
              kernel: kernel, direction: direction, shape: [batch, extent, extent, channels],
              algorithm: $0)
          }
        }
      }
    }
  }

  private static let kernels: [Kernel] =
    [Window(1), Window(3)].flatMap { window in
      [false, true].map { Kernel.dense(window, afterReLU: $0) }
    }
    + [Window(3), Window(5), Window(3, dilation: 2), Window(5, dilation: 2)].flatMap { window in
      [false, true].map { Kernel.depthwise(window, afterReLU: $0) }
    } + [.averagePool, .maxPool, .moments, .sum, .products]

  /// What the table calls it.
  package var name: String { kernel.name + (algorithm == .winograd ? " by Winograd" : "") }

  /// Name and direction: `conv 3x3, input gradient`.
  package var title: String { "\(name), \(direction.rawValue)" }

  // MARK: Work

  /// Multiply-accumulates of a convolution; nil for what computes next to nothing.
  package var macs: Int? {
    switch kernel {
    case .dense, .depthwise: shape.pixels * weightShape.count
    case .averagePool, .maxPool, .moments, .sum, .products: nil
    }
  }

  /// Bytes that must be read and written: every map and kernel once.
  package var bytes: Int {
    ((mapsRead + mapsWritten) * shape.count + weightShape.count) * MemoryLayout<Scalar>.size
  }

  /// Maps that a call reads.
  package var mapsRead: Int {
    switch (kernel, direction) {
    case (.dense(_, let afterReLU), .inputGradient),
      (.depthwise(_, let afterReLU), .inputGradient):
      afterReLU ? 2 : 1
    case (.dense, .weightGradient), (.depthwise, .weightGradient): 2
    case (.maxPool, .inputGradient): 3
    case (.sum, _): Self.summands
    case (.products, _): Self.summands + 1
    default: 1
    }
  }

  private var mapsWritten: Int {
    kernel == .moments || kernel == .products || direction == .weightGradient ? 0 : 1
  }

  /// Whether a supernet finds the maps in main memory, because they were written long ago.
  ///
  /// Forward, a map was just written or read by the operation before; sums take more maps than a cache
  /// holds, and backward there are the maps that were kept. Dense convolutions compute more than they move.
  package var isCold: Bool {
    switch kernel {
    case .dense, .moments: false
    case .depthwise, .averagePool, .maxPool: direction != .forward
    case .sum, .products: true
    }
  }

  // MARK: Calls

  /// Maps of a sum: the candidates of an edge of DARTS.
  private static let summands = 8
  private static let pool = Window(3)

  private var weightShape: Shape {
    let channels = shape.channels
    return switch kernel {
    case .dense(let window, _): [channels, window.kernel, window.kernel, channels]
    case .depthwise(let window, _): [channels, window.kernel, window.kernel, 1]
    case .averagePool, .maxPool, .moments, .sum, .products: [0]
    }
  }

  private var weights: Tensor {
    var generator = RandomGenerator(seed: 2)
    return .normal(weightShape, using: &generator)
  }

  /// The kernel as a function of the place of its first map among `maps`; its result is a map, if it is one.
  package func call(on maps: RotatingMaps) -> (Int) -> Tensor? {
    let call = defaultCall(on: maps)
    return { at in ConvolutionAlgorithm.$current.withValue(algorithm) { call(at) } }
  }

  private func defaultCall(on maps: RotatingMaps) -> (Int) -> Tensor? {
    let (w, pool) = (weights, Self.pool)
    switch (kernel, direction) {
    case (.dense(let window, let relu), .forward):
      return { Convolution.forward(maps[$0], w, window, afterReLU: relu) }
    case (.dense(let window, let relu), .inputGradient):
      return { at in
        writing {
          Convolution.inputGradient(
            maps[at], w, window, reluInput: relu ? maps[at + 1] : nil, into: &$0,
            accumulating: false)
        }
      }
    case (.dense(let window, let relu), .weightGradient):
      return { Convolution.weightGradient(maps[$0], maps[$0 + 1], window, afterReLU: relu) }
    case (.depthwise(let window, let relu), .forward):
      return { DepthwiseConvolution.forward(maps[$0], w, window, afterReLU: relu) }
    case (.depthwise(let window, let relu), .inputGradient):
      return { at in
        writing {
          DepthwiseConvolution.inputGradient(
            maps[at], w, window, reluInput: relu ? maps[at + 1] : nil, into: &$0,
            accumulating: false)
        }
      }
    case (.depthwise(let window, let relu), .weightGradient):
      return {
        DepthwiseConvolution.weightGradient(maps[$0], maps[$0 + 1], window, afterReLU: relu)
      }
    case (.averagePool, .forward): return { AveragePooling.forward(maps[$0], pool) }
    case (.averagePool, _):
      return { AveragePooling.inputGradient(maps[$0], pool, shape: maps[$0].shape) }
    case (.maxPool, .forward): return { MaxPooling.forward(maps[$0], pool) }
    case (.maxPool, _):
      let pooled = RotatingMaps(of: MaxPooling.forward(maps[0], pool), count: maps.count)
      return { MaxPooling.inputGradient(maps[$0], pool, x: maps[$0 + 1], y: pooled[$0]) }
    case (.moments, _):
      return { at in
        _ = ChannelMoments.of(maps[at])
        return nil
      }
    case (.sum, _):
      let scale = Tensor(repeating: 0.5, shape: [shape.channels])
      return { at in
        ChannelwiseSum.forward((0..<Self.summands).map { .init(maps[at + $0], scale: scale) })
      }
    case (.products, _):
      let center = Tensor(repeating: 0.5, shape: [shape.channels])
      return { at in
        _ = ChannelwiseProducts.sums(
          maps[at], (1...Self.summands).map { .init(maps[at + $0], center: center) })
        return nil
      }
    }
  }

  /// A new map that `body` fills.
  private func writing(_ body: (inout Tensor) -> Void) -> Tensor {
    var map = Tensor(uninitialized: shape)
    body(&map)
    return map
  }

  /// Runs the naive twin on one image x [1, H, W, C], which serves as every map.
  package func runNaive(on x: Tensor) {
    let (w, pool) = (weights, Self.pool)
    switch (kernel, direction) {
    case (.dense(let window, let relu), .forward):
      _ = Naive.convolution(relu ? x.relu() : x, w, window)
    case (.dense(let window, let relu), .inputGradient):
      let dx = Naive.convolutionInputGradient(x, w, window, inputShape: x.shape)
      _ = relu ? dx.keeping(wherePositive: x) : dx
    case (.dense(let window, let relu), .weightGradient):
      _ = Naive.convolutionWeightGradient(relu ? x.relu() : x, x, window)
    case (.depthwise(let window, let relu), .forward):
      _ = Naive.depthwiseConvolution(relu ? x.relu() : x, w, window)
    case (.depthwise(let window, let relu), .inputGradient):
      let dx = Naive.depthwiseConvolutionInputGradient(x, w, window, inputShape: x.shape)
      _ = relu ? dx.keeping(wherePositive: x) : dx
    case (.depthwise(let window, let relu), .weightGradient):
      _ = Naive.depthwiseConvolutionWeightGradient(relu ? x.relu() : x, x, window)
    case (.averagePool, .forward): _ = Naive.averagePooling(x, pool)
    case (.averagePool, _):
      _ = Naive.averagePoolingInputGradient(x, pool, inputShape: x.shape)
    case (.maxPool, .forward): _ = Naive.maxPooling(x, pool)
    case (.maxPool, _): _ = Naive.maxPoolingInputGradient(x, pool, x: x)
    case (.moments, _): _ = Naive.channelMoments(x)
    case (.sum, _):
      let terms = (0..<Self.summands).map { _ in ChannelwiseSum.Term(x, scale: 0.5) }
      _ = Naive.channelwiseSum(terms, shift: .zeros([shape.channels]))
    case (.products, _):
      for _ in 0..<Self.summands { _ = Naive.channelwiseProducts(x, .init(x)) }
    }
  }
}

extension KernelCase.Kernel {
  fileprivate var name: String {
    switch self {
    case .dense(let window, let afterReLU): (afterReLU ? "ReLU + " : "") + "conv \(window)"
    case .depthwise(let window, let afterReLU):
      (afterReLU ? "ReLU + " : "") + "depthwise \(window)"
    case .averagePool: "average pool 3x3"
    case .maxPool: "max pool 3x3"
    case .moments: "channel moments"
    case .sum: "weighted sum of 8 maps"
    case .products: "backward sums of 8 maps"
    }
  }

  /// How it can be computed; a convolution of 3x3 has two ways.
  fileprivate var algorithms: [ConvolutionAlgorithm] {
    if case .dense(Window(3), _) = self { [.direct, .winograd] } else { [.direct] }
  }

  fileprivate var directions: [KernelCase.Direction] {
    switch self {
    case .dense, .depthwise: [.forward, .inputGradient, .weightGradient]
    case .averagePool, .maxPool: [.forward, .inputGradient]
    case .moments, .sum, .products: [.forward]
    }
  }
}
