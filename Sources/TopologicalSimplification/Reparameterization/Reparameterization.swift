import Autodiff
import SearchSpaces
import Tensors

/// The taps of a kernel in a larger one, centered and spaced by its dilation.
///
/// Equation: TS-5 [published: MergeNAS]. conv(u; w, dilation d) = conv(u; Z(w; K, d)): a kernel embedded in a larger one.
/// Z(w; K, d) holds the k x k taps of w, d apart, at the center of a zero K x K kernel. It holds with "same" padding, for
/// any stride, and needs K >= d (k - 1) + 1, K and k odd.
/// Shapes: w [O, k, k, I]; result [O, K, K, I].
///
/// Explained in chapter 35.
public func embedKernel(_ w: Variable, size: Int, dilation: Int) -> Variable {
  let (outputs, k, inputs) = (w.shape[0], w.shape[1], w.shape[3])
  precondition(
    size % 2 == 1 && k % 2 == 1 && size >= dilation * (k - 1) + 1,
    "a \(k)x\(k) kernel with dilation \(dilation) does not fit the center of \(size)x\(size)")
  // A kernel that fills the larger one is that one.
  guard size > k else { return w }
  let first = (size - 1 - dilation * (k - 1)) / 2
  /// Calls `body(index in w, index in the result)` for every tap's run of inputs.
  func forEachTap(_ body: (Int, Int) -> Void) {
    for o in 0..<outputs {
      for i in 0..<k {
        for j in 0..<k {
          let (row, column) = (first + dilation * i, first + dilation * j)
          body(((o * k + i) * k + j) * inputs, ((o * size + row) * size + column) * inputs)
        }
      }
    }
  }
  var large = Tensor.zeros([outputs, size, size, inputs])
  large.copyRuns(of: inputs, from: w.value, forEachTap)
  return .result(of: "embedKernel", [w], large) { [slot = w.slot, shape = w.shape] g, gradients in
    var share = Tensor(uninitialized: shape)
    share.copyRuns(of: inputs, from: g) { copy in forEachTap { to, from in copy(from, to) } }
    gradients.add(share, to: slot)
  }
}

extension Tensor {
  /// Copies runs of `length` scalars; `forEachRun` hands on where each begins in `source`, and where here.
  fileprivate mutating func copyRuns(
    of length: Int, from source: Tensor, _ forEachRun: ((_ from: Int, _ to: Int) -> Void) -> Void
  ) {
    source.withScalars { source in
      withMutableScalars { target in
        forEachRun { from, to in
          _ = target[to..<to + length].update(fromContentsOf: source[from..<from + length])
        }
      }
    }
  }
}

/// One kernel for a weighted sum of convolutions of one input.
///
/// Equation: TS-6 [published: RepVGG, MergeNAS]. sum alpha_i conv(u; w_i) = conv(u; W), W = sum alpha_i Z(w_i; K, d_i).
/// It holds only with nothing between the convolutions and the sum.
/// Shapes: kernels [O, k_i, k_i, I]; weights [kernels.count]; result [O, K, K, I].
///
/// - Parameters:
///   - kernels: the kernels.
///   - dilations: the dilation of each on the grid of the result.
///   - weights: the factor of each.
///   - size: K.
/// - Returns: W.
///
/// Explained in chapter 35.
public func mergedKernel(
  _ kernels: [Variable], dilations: [Int], weights: Variable, size: Int
) -> Variable {
  let embedded = zip(kernels, dilations).map { embedKernel($0, size: size, dilation: $1) }
  return mixture(embedded.map(Summand.identity), weights: weights)
}

/// Which convolutions are merged.
public enum MergeRule: Sendable {
  /// The convolutions that satisfy TS-21.
  case whereItPays
  /// All that TS-6 allows.
  case always
}

/// Whether merging pays: the executed kernel costs no more than the parts.
///
/// Equation: TS-21 [reconstructed: low]. merge where K^2 <= sum of k_i^2, taps counted on the common dilation grid.
///
/// Explained in chapter 11.
public func mergePays(_ windows: [Window]) -> Bool {
  let grid = commonGrid(windows)
  return grid.kernel * grid.kernel <= windows.reduce(0) { $0 + $1.kernel * $1.kernel }
}

/// The smallest window that holds the taps of all `windows`, which have one stride.
///
/// Kernels of equal dilation share a grid: 3x3 and 5x5 of dilation 2 fit a 5x5 of dilation 2. A single
/// tap fits any grid.
public func commonGrid(_ windows: [Window]) -> Window {
  let spaced = windows.filter { $0.kernel > 1 }
  let dilation = spaced.map(\.dilation).reduce(0, greatestCommonDivisor)
  let reach = spaced.map(\.reach).max() ?? 0
  return Window(
    dilation == 0 ? 1 : reach / dilation + 1, stride: windows[0].stride, dilation: max(1, dilation))
}

private func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
  b == 0 ? a : greatestCommonDivisor(b, a % b)
}

/// A kernel that is the weighted sum of several trained ones: what a supernet executes after REP.
///
/// Every candidate keeps its own trained kernel [reconstructed: medium]; the sum is built anew in each
/// pass, so gradients reach all of them and their weights.
public struct MergedKernel: KernelExpression {
  /// The trained kernels.
  public let parts: [KernelPart]
  /// The window of the result.
  public let grid: Window
  /// What is done to each kernel before the sum.
  public let normalization: KernelNormalization

  /// Whether a trained factor a channel multiplies the sum: KN-4.
  public var hasGain: Bool { normalization == .sharedGain }

  /// Creates the sum of `parts`.
  public init(_ parts: [KernelPart], normalization: KernelNormalization) {
    self.parts = parts
    self.normalization = normalization
    grid = commonGrid(parts.map(\.window))
  }

  /// A part's kernel, normalized by TS-24 or another of TS-27.
  public func prepared(_ kernel: Variable) -> Variable { normalization(kernel) }

  /// The kernel: TS-6 of kernels normalized by TS-24, W = sum of p_i Z(w^_i; K, d_i).
  public func kernel(from kernels: [Variable], weights: Variable, gain: Variable?) -> Variable {
    let sum = mergedKernel(
      kernels.map(prepared),
      dilations: parts.map { $0.window.kernel == 1 ? 1 : $0.window.dilation / grid.dilation },
      weights: weights, size: grid.kernel)
    return gain.map { scaledKernel(sum, by: $0) } ?? sum
  }
}

/// One dense kernel for a depthwise convolution followed by a pointwise one.
///
/// Valid, but dense: C^2 k^2 weights instead of C k^2 + C^2, so a supernet does not use it.
///
/// Equation: TS-7 [published: MergeNAS]. W[o, t, c] = pointwise[o, c] depthwise[c, t].
/// Shapes: pointwise [O, 1, 1, C]; depthwise [C, k, k, 1]; result [O, k, k, C].
///
/// Explained in chapter 09.
public func composedKernel(pointwise: Tensor, depthwise: Tensor) -> Tensor {
  let (outputs, channels, k) = (pointwise.shape[0], depthwise.shape[0], depthwise.shape[1])
  precondition(
    pointwise.shape == [outputs, 1, 1, channels] && depthwise.shape == [channels, k, k, 1],
    "a pointwise kernel \(pointwise.shape) cannot follow a depthwise one \(depthwise.shape)")
  var w = Tensor.zeros([outputs, k, k, channels])
  for o in 0..<outputs {
    for t in 0..<k * k {
      for c in 0..<channels {
        w[(o * k * k + t) * channels + c] = pointwise[o * channels + c] * depthwise[c * k * k + t]
      }
    }
  }
  return w
}

/// Kernel and bias of a convolution that has taken in the batch norm after it.
///
/// Holds in evaluation mode only: in training mode batch norm is not affine.
///
/// Equation: TS-8 [published: RepVGG, DBB, RepNAS]. W' = (g / s) W, b' = b - g mu / s, s = sqrt(variance + epsilon).
/// Shapes: w [O, k, k, I]; gain, bias, mean, variance [O].
///
/// Explained in chapter 09.
public func foldedBatchNorm(
  _ w: Tensor, gain: [Double], bias: [Double], mean: [Double], variance: [Double],
  epsilon: Double
) -> (kernel: Tensor, bias: [Double]) {
  let factors = gain.indices.map { gain[$0] / (variance[$0] + epsilon).squareRoot() }
  return (
    w.scalingRows(by: factors.map { Scalar($0) }),
    gain.indices.map { bias[$0] - factors[$0] * mean[$0] }
  )
}

// MARK: - The rewrite

/// Replaces some branches of a sum, each a single convolution, by one convolution with a merged kernel.
///
/// An identity by TS-6 if kernels are not normalized. The new branch has the weight of the group; inside
/// the kernel the parts have their inside weights. Nil if the branches do not fit or it does not pay.
public func reparameterizing(
  _ branches: [Branch], _ members: [Int], normalization: KernelNormalization,
  _ rule: MergeRule = .whereItPays
) -> Path? {
  let convolutions = members.compactMap { mergeable(branches[$0].path) }
  guard convolutions.count == members.count,
    let (_, window, grouping) = convolutions.first,
    convolutions.allSatisfy({ $0.grouping == grouping && $0.window.stride == window.stride })
  else { return nil }
  let group = BranchGroup(branches, members)
  let parts = zip(members, group.insideWeights).flatMap { index, inside in
    kernelParts(branches[index].path).map {
      KernelPart(name: $0.name, window: $0.window, weight: inside.times($0.weight))
    }
  }
  guard rule == .always || mergePays(parts.map(\.window)) else { return nil }
  let kernel = MergedKernel(parts, normalization: normalization)
  let module = ModuleSpec.shared(
    convolutions.map(\.module), as: .convolution(kernel.grid, grouping, .merged(kernel)))
  return group.replaced(by: .module(module))
}

private func mergeable(
  _ path: Path
) -> (module: ModuleSpec, window: Window, grouping: ModuleSpec.Grouping)? {
  guard case .module(let module) = path.flattened,
    case .convolution(let window, let grouping, _) = module.kind, window.kernel % 2 == 1
  else { return nil }
  return (module, window, grouping)
}

/// The trained kernels of a single convolution, with weights inside it.
private func kernelParts(_ path: Path) -> [KernelPart] {
  guard case .module(let module) = path.flattened,
    case .convolution(let window, _, let kernel) = module.kind
  else { return [] }
  switch kernel {
  case .own: return [KernelPart(name: module.name, window: window, weight: .one)]
  case .merged(let expression): return expression.parts
  }
}

// MARK: - The rule

extension RewriteRule {
  /// Reparameterization: several convolutions become one.
  public static let reparameterize = RewriteRule(
    "REP",
    statement: "convolutions of one input, with nothing before their sum, become one convolution",
    equations: [embedding, merging, mergeCondition] + KernelNormalization.allEquations,
    exactness: .atOneHotWeightsUpToScale, joinsRewrites: true
  ) { sum, place, settings in
    // Without a batch norm after them nothing takes the kernels' scale out again.
    let isNormalizedLater = place.followers.contains { $0.isBatchNorm }
    let kernels = isNormalizedLater ? settings.normalization : .none
    let exactness: Exactness =
      kernels == .none
      ? .everywhere
      : place.followers[0].isBatchNorm ? .atOneHotWeights : .atOneHotWeightsUpToScale
    let single = sum.indices.filter { sum[$0].path.steps.count == 1 }
    return subsets(of: single).compactMap { members in
      reparameterizing(sum, members, normalization: kernels, settings.merging).map { path in
        Rewrite(
          path,
          subject: members.flatMap { sum[$0].path.modules }.map(\.signature)
            .joined(separator: " + "),
          of: members.map { sum[$0] },
          equations: [embedding, merging, mergeCondition] + kernels.equations,
          exactness: exactness, turn: .identity)
      }
    }
  }

  private static let embedding = Equation(
    "TS-5", "conv(u; w, dilation d) = conv(u; Z(w; K, d)): a kernel embedded in a larger one",
    "published: MergeNAS")
  private static let merging = Equation(
    "TS-6", "sum alpha_i conv(u; w_i) = conv(u; W), W = sum alpha_i Z(w_i; K, d_i)",
    "published: RepVGG, MergeNAS")
  private static let mergeCondition = Equation(
    "TS-21", "merge where K^2 <= sum of k_i^2, taps counted on the common dilation grid",
    "reconstructed: low")

  /// All subsets of at least two elements, in a fixed order.
  private static func subsets(of elements: [Int]) -> [[Int]] {
    (0..<1 << elements.count).map { mask in
      elements.indices.filter { mask >> $0 & 1 == 1 }.map { elements[$0] }
    }.filter { $0.count > 1 }
  }
}
