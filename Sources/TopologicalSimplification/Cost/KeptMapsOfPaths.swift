import SearchSpaces
import Tensors

// The interpreter of paths again, as a fold over what its operations keep.
extension KeptMaps {
  /// What a sum adds: an operation whose result is not stored.
  struct Summand {
    let weight: ArchitectureWeight
    /// What the last operation acts on.
    let input: Map
    /// Whether there is no last operation; else the sum keeps its input.
    let isIdentity: Bool
    let output: MapSize
  }

  /// A node of a cell: the sum of `summands`.
  ///
  /// What is added as it is matters to the gradient of its weight alone, so it is kept for alpha only, and
  /// only if the sum has weights: the weight of a merged convolution is in its kernel.
  mutating func sum(_ summands: [Summand]) -> Map {
    let needsWeights = step == .alpha && summands.contains { $0.weight != .one }
    return result(
      summands[0].output, of: summands.map(\.input),
      keeping: summands.filter { needsWeights || !$0.isIdentity }.map(\.input),
      hasTrackedWeights: needsWeights)
  }

  /// The summands that `path` adds to the node that it leads to.
  mutating func summands(
    _ path: Path, _ x: Passing, _ outer: ArchitectureWeight = .one
  ) -> [Summand] {
    switch path {
    case .choice(let branches):
      return branches.flatMap { summands($0.path, x, outer.times($0.weight)) }
    case .chain(let steps):
      guard let last = steps.last else { return [identity(value(x), outer)] }
      return summands(last, advance(x, through: steps.dropLast()), outer)
    case .module(let module):
      switch module.kind {
      case .zero: return []
      case .averagePool(let window):
        let input = value(x)
        return [
          Summand(
            weight: outer, input: input, isIdentity: false, output: input.size.after(window))
        ]
      case .batchNorm:
        let input = value(x)
        return [Summand(weight: outer, input: input, isIdentity: false, output: input.size)]
      case .convolution(_, _, .merged): return [identity(result(of: path, x), .one)]
      case .identity, .relu, .maxPool, .convolution, .factorizedReduction:
        return [identity(result(of: path, x), outer)]
      }
    }
  }

  private func identity(_ map: Map, _ weight: ArchitectureWeight) -> Summand {
    Summand(weight: weight, input: map, isIdentity: true, output: map.size)
  }

  /// The result of a path that is no summand.
  mutating func result(of path: Path, _ x: Passing) -> Map {
    let result = advance(x, through: [path])
    return value(result)
  }

  private mutating func advance(_ x: Passing, through steps: some Sequence<Path>) -> Passing {
    steps.reduce(x) { x, step in
      switch step {
      case .module(let module): advance(x, through: module)
      case .chain(let steps): advance(x, through: steps)
      case .choice(let branches): advance(x, through: branches)
      }
    }
  }

  private mutating func advance(
    _ x: Passing, through branches: [Branch]
  ) -> Passing {
    let inputs = branches.compactMap { mergedDepthwise($0.path, x) }
    if inputs.count == branches.count, let first = inputs.first {
      return depthwiseSum(inputs.map(\.term), first.size, hasTrackedKernels: true)
    }
    let parts = branches.flatMap { summands($0.path, x, $0.weight) }
    return parts.isEmpty ? advance(x, through: [branches[0].path]) : Passing(raw: sum(parts))
  }

  /// What a path reads that ends in a merged depthwise convolution; nil for another path.
  private mutating func mergedDepthwise(
    _ path: Path, _ x: Passing
  ) -> (term: Passing.Term, size: MapSize)? {
    guard case .module(let module)? = path.steps.last,
      case .convolution(let window, .depthwise, .merged(let expression)) = module.kind
    else { return nil }
    let input = advance(x, through: path.steps.dropLast())
    keepKernels(of: expression, window, channels: input.size.channels, .depthwise)
    return (term(input), input.size.after(window))
  }

  private mutating func term(_ x: Passing) -> Passing.Term {
    if case .normalized(let map) = x.source { return .init(x: map, isNormalized: true) }
    return .init(x: raw(x), isNormalized: false)
  }

  private mutating func advance(_ x: Passing, through module: ModuleSpec) -> Passing {
    switch module.kind {
    case .identity: return x
    case .relu:
      var rectified = x
      rectified.isRectified = true
      return rectified
    case .zero(let stride):
      return Passing(raw: constant(x.size.after(Window(1, stride: stride))))
    case .batchNorm: return Passing(.normalized(value(x)))
    case .averagePool(let window):
      let input = value(x)
      return Passing(raw: shared(x, module.signature) { $0.averagePool(input, window) })
    case .maxPool(let window):
      let input = value(x)
      return Passing(raw: shared(x, module.signature) { $0.maxPool(input, window) })
    case .factorizedReduction: return Passing(raw: factorizedReduction(raw(x)))
    case .convolution(let window, let grouping, let kernel):
      return convolution(x, window, grouping, kernel)
    }
  }

  private mutating func convolution(
    _ x: Passing, _ window: Window, _ grouping: ModuleSpec.Grouping, _ kernel: ModuleSpec.Kernel
  ) -> Passing {
    var isMerged = false
    if case .merged(let expression) = kernel {
      keepKernels(of: expression, window, channels: x.size.channels, grouping)
      isMerged = true
    }
    if grouping == .depthwise {
      let input = term(x)
      return depthwiseSum([input], x.size.after(window), hasTrackedKernels: isMerged)
    }
    if case .depthwise(let sum) = x.source, !x.isRectified, window == Window(1), !isMerged {
      return Passing(raw: separableConvolution(sum))
    }
    return Passing(raw: convolution(raw(x), window, hasTrackedKernel: isMerged))
  }

  /// The convolution keeps the merged kernel, and a factor on it what it acts on.
  ///
  /// Normalized parts are kept for the weights, parts on the common grid for alpha.
  private mutating func keepKernels(
    of expression: any KernelExpression, _ grid: Window, channels: Int,
    _ grouping: ModuleSpec.Grouping
  ) {
    let filters = channels * (grouping == .dense ? channels : 1)
    let merged = filters * grid.kernel * grid.kernel
    let isNormalized = (expression as? MergedKernel)?.normalization != KernelNormalization.none
    keepKernels([merged] + (expression.hasGain ? [merged] : []))
    switch step {
    case .weights where isNormalized:
      keepKernels(expression.parts.map { filters * $0.window.kernel * $0.window.kernel })
    case .weights: break
    case .alpha: keepKernels(expression.parts.map { _ in merged })
    }
  }
}

/// The maps that one edge keeps for the backward pass, in the order of their computation.
///
/// The input of the edge is not among them, nor its result, which the nodes before and behind it keep.
public func keptMaps(
  of path: Path, at size: MapSize = .reference, for step: SearchStep = .weights
) -> [MapSize] {
  var kept = KeptMaps(step)
  let input = kept.input(size)
  let summands = kept.summands(path.flattened, KeptMaps.Passing(raw: input))
  if !summands.isEmpty { _ = kept.sum(summands) }
  return kept.maps(without: input)
}
