import SearchSpaces
import Tensors

/// Whose gradients a step of a search asks for.
public enum SearchStep: CaseIterable, Sendable {
  /// The weights'.
  case weights
  /// The architecture parameters'.
  case alpha
}

/// What the tape of one forward pass keeps until the backward pass: sizes, no values.
///
/// A map is kept once, however many operations need it; so every map has a number. What an operation keeps
/// is stated where it is mirrored; all of them keep nothing where no gradient passes through them.
struct KeptMaps {
  /// A map that the pass computes.
  struct Map: Hashable {
    let number: Int
    let size: MapSize
    /// Whether a gradient passes through it.
    let isTracked: Bool
  }

  /// A map on its way through a path, perhaps not computed yet.
  struct Passing: Hashable {
    /// What has to be computed for the map in front of the ReLU.
    enum Source: Hashable {
      /// Nothing.
      case stored(Map)
      /// A batch norm, which a depthwise convolution can take along.
      case normalized(Map)
      /// A sum of depthwise convolutions, which a pointwise convolution can take along.
      case depthwise(DepthwiseSum)
    }

    /// A sum of depthwise convolutions.
    struct DepthwiseSum: Hashable {
      /// Two sums of the same inputs have kernels of their own.
      let number: Int
      let terms: [Term]
      let size: MapSize
      let hasTrackedKernels: Bool
    }

    /// What a depthwise convolution in a sum reads.
    struct Term: Hashable {
      let x: Map
      let isNormalized: Bool
    }

    let source: Source
    var isRectified = false

    init(raw: Map) { source = .stored(raw) }

    init(_ source: Source) { self.source = source }

    var size: MapSize {
      switch source {
      case .stored(let x), .normalized(let x): x.size
      case .depthwise(let sum): sum.size
      }
    }
  }

  /// What the pass is for.
  let step: SearchStep
  private var sizes: [Int: MapSize] = [:]
  private var count = 0
  private var shared: [Passing: [String: Map]] = [:]
  /// Scalars of each kernel that was computed from others and is kept: no multiple of the batch.
  private(set) var kernels: [Int] = []

  init(_ step: SearchStep) { self.step = step }

  /// The sizes of the kept maps, in the order of their computation.
  ///
  /// `input` is left out: who gave it holds it anyway.
  func maps(without input: Map) -> [MapSize] {
    sizes.filter { $0.key != input.number }.sorted { $0.key < $1.key }.map(\.value)
  }

  /// A map of `size` from nowhere: the images, or zeros.
  mutating func constant(_ size: MapSize) -> Map { map(size, isTracked: false) }

  /// The input of an edge, already kept by the node.
  mutating func input(_ size: MapSize) -> Map { map(size, isTracked: true) }

  /// The result of an operation on `inputs`, recorded if a gradient passes: then it keeps `kept`.
  mutating func result(
    _ size: MapSize, of inputs: [Map], keeping kept: [Map], hasTrackedWeights: Bool = false
  ) -> Map {
    let isTracked = hasTrackedWeights || inputs.contains(where: \.isTracked)
    if isTracked { for map in kept { sizes[map.number] = map.size } }
    return map(size, isTracked: isTracked)
  }

  /// Keeps kernels of `scalars` each.
  mutating func keepKernels(_ scalars: [Int]) { kernels += scalars }

  /// What all paths that start from `x` compute once.
  mutating func shared(
    _ x: Passing, _ operation: String, _ compute: (inout KeptMaps) -> Map
  ) -> Map {
    if let known = shared[x]?[operation] { return known }
    let map = compute(&self)
    shared[x, default: [:]][operation] = map
    return map
  }

  private mutating func map(_ size: MapSize, isTracked: Bool) -> Map {
    count += 1
    return Map(number: count, size: size, isTracked: isTracked)
  }
}

// MARK: - Operations

extension KeptMaps {
  /// The map itself, behind its ReLU; a ReLU that is computed keeps its input.
  mutating func value(_ x: Passing) -> Map {
    guard x.isRectified else { return raw(x) }
    return shared(x, "ReLU") { kept in
      let raw = kept.raw(x)
      return kept.result(raw.size, of: [raw], keeping: [raw])
    }
  }

  /// The map in front of the ReLU, stored.
  mutating func raw(_ x: Passing) -> Map {
    if case .stored(let map) = x.source { return map }
    return shared(Passing(x.source), "raw") { kept in
      switch x.source {
      case .stored(let map): map
      case .normalized(let map): kept.batchNorm(map)
      case .depthwise(let sum): kept.depthwise(sum)
      }
    }
  }

  /// A sum of depthwise convolutions of `terms`.
  mutating func depthwiseSum(
    _ terms: [Passing.Term], _ size: MapSize, hasTrackedKernels: Bool
  ) -> Passing {
    count += 1
    return Passing(
      .depthwise(
        .init(number: count, terms: terms, size: size, hasTrackedKernels: hasTrackedKernels)))
  }

  /// It keeps its inputs, which have to be stored.
  private mutating func depthwise(_ sum: Passing.DepthwiseSum) -> Map {
    let inputs = sum.terms.map { $0.isNormalized ? batchNorm($0.x) : $0.x }
    return result(
      sum.size, of: inputs, keeping: inputs,
      hasTrackedWeights: sum.hasTrackedKernels || step == .weights)
  }

  /// A pointwise convolution of it keeps the inputs in front of their batch norms, and no sum.
  mutating func separableConvolution(_ sum: Passing.DepthwiseSum) -> Map {
    let inputs = sum.terms.map(\.x)
    return result(
      sum.size, of: inputs, keeping: inputs,
      hasTrackedWeights: sum.hasTrackedKernels || step == .weights)
  }

  /// A convolution keeps its input, as it is in front of a ReLU.
  mutating func convolution(
    _ x: Map, outputs: Int? = nil, _ window: Window, hasTrackedKernel: Bool = false
  ) -> Map {
    result(
      x.size.after(window, channels: outputs), of: [x], keeping: [x],
      hasTrackedWeights: hasTrackedKernel || step == .weights)
  }

  /// Two convolutions, each of its own quarter of the pixels, which is kept.
  mutating func factorizedReduction(_ x: Map, outputs: Int? = nil) -> Map {
    let half = Window(1, stride: 2)
    let quarters = (0..<2).map { _ in result(x.size.after(half), of: [x], keeping: []) }
    return result(
      x.size.after(half, channels: outputs), of: quarters, keeping: quarters,
      hasTrackedWeights: step == .weights)
  }

  /// A batch norm in the middle of a chain keeps its input, and its result is stored.
  mutating func batchNorm(_ x: Map) -> Map { result(x.size, of: [x], keeping: [x]) }

  /// An average pool in the middle of a chain keeps its input.
  mutating func averagePool(_ x: Map, _ window: Window) -> Map {
    result(x.size.after(window), of: [x], keeping: [x])
  }

  /// A max pool keeps its input and its result, to find where the largest pixel was.
  mutating func maxPool(_ x: Map, _ window: Window) -> Map {
    let y = result(x.size.after(window), of: [x], keeping: [x])
    if y.isTracked { sizes[y.number] = y.size }
    return y
  }
}
