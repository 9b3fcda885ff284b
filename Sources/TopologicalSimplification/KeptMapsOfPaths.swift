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
    guard case .choice(let branches) = path else {
      let result = advance(x, through: path.steps)
      return value(result)
    }
    let parts = branches.flatMap { summands($0.path, x, $0.weight) }
    return parts.isEmpty ? result(of: branches[0].path, x) : sum(parts)
  }

  private mutating func advance(_ x: Passing, through steps: some Sequence<Path>) -> Passing {
    steps.reduce(x) { x, step in
      guard case .module(let module) = step else { return Passing(raw: result(of: step, x)) }
      return advance(x, through: module)
    }
  }

  private mutating func advance(_ x: Passing, through module: ModuleSpec) -> Passing {
    switch module.kind {
    case .identity: return x
    case .relu: return Passing(raw: x.raw, isRectified: true)
    case .zero(let stride):
      return Passing(raw: constant(x.raw.size.after(Window(1, stride: stride))))
    case .batchNorm: return Passing(raw: batchNorm(value(x)))
    case .averagePool(let window):
      let input = value(x)
      return Passing(raw: shared(x, module.signature) { $0.averagePool(input, window) })
    case .maxPool(let window):
      let input = value(x)
      return Passing(raw: shared(x, module.signature) { $0.maxPool(input, window) })
    case .factorizedReduction: return Passing(raw: factorizedReduction(x.raw))
    case .convolution(let window, let grouping, let kernel):
      guard case .merged(let expression) = kernel else {
        return Passing(raw: convolution(x.raw, window))
      }
      keepKernels(of: expression, window, channels: x.raw.size.channels, grouping)
      return Passing(raw: convolution(x.raw, window, hasTrackedKernel: true))
    }
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
