import Autodiff
import NeuralNetworks

/// What of a path can be computed before the maps that it convolves: its merged kernels.
///
/// On the tape they stand below all maps then. So a map's gradient is complete before that of any kernel is asked for, and
/// all convolutions of the map, merged or not, add their shares to it in one pass.
extension PathNetwork {
  /// A merged kernel as the fused interpreter asks for it.
  struct MergedKernel {
    let convolution: WeightedConvolution
    /// The weight that is multiplied into it.
    let outer: ArchitectureWeight
    /// The weights of the branches around it; where one of them is 0, the kernel is not needed.
    let around: [ArchitectureWeight]
  }

  /// Which merged kernel: a trained part of it, and the weight that is multiplied into it.
  ///
  /// It holds the part, since the address of one that is gone may become that of another.
  struct MergedKernelKey: Hashable {
    private let part: Parameter
    private let outer: ArchitectureWeight

    init(_ convolution: WeightedConvolution, _ outer: ArchitectureWeight) {
      (part, self.outer) = (convolution.kernels[0], outer)
    }

    static func == (a: Self, b: Self) -> Bool { a.part === b.part && a.outer == b.outer }

    func hash(into hasher: inout Hasher) {
      hasher.combine(ObjectIdentifier(part))
      hasher.combine(outer)
    }
  }

  /// Computes the merged kernels of the edge, which the architecture of the pass keeps.
  func computeMergedKernels(_ run: Run) {
    for merged in mergedKernels where !merged.around.contains(where: run.isZero) {
      _ = kernel(of: merged.convolution, merged.outer, run)
    }
  }

  /// The merged kernels of a step whose summands join a node, as `summands` asks for them.
  static func mergedKernels(
    inSummands step: Step, _ outer: ArchitectureWeight, _ around: [ArchitectureWeight] = []
  ) -> [MergedKernel] {
    switch step {
    case .choice(let branches):
      branches.flatMap { branch in
        let outer = outer.times(branch.weight)
        return mergedKernels(inSummands: branch.step, outer, around + [outer])
      }
    case .chain(let steps):
      mergedKernels(on: steps.dropLast(), around)
        + (steps.last.map { mergedKernels(inSummands: $0, outer, around) } ?? [])
    case .convolution(let convolution): merged(convolution, outer, around)
    default: mergedKernels(on: [step], around)
    }
  }

  /// Those of steps that are evaluated one after the other, as `advance` asks for them.
  private static func mergedKernels(
    on steps: some Sequence<Step>, _ around: [ArchitectureWeight]
  ) -> [MergedKernel] {
    steps.flatMap { step -> [MergedKernel] in
      switch step {
      case .convolution(let convolution): merged(convolution, .one, around)
      case .chain(let steps): mergedKernels(on: steps, around)
      case .choice(let branches) where branches.allSatisfy({ isMergedDepthwise($0.step) }):
        branches.flatMap { mergedKernels(inTerm: $0.step, $0.weight, around + [$0.weight]) }
      case .choice: mergedKernels(inSummands: step, .one, around)
      default: []
      }
    }
  }

  /// Those of a branch that ends in a term of a sum of depthwise convolutions, as `depthwiseTerm` asks for them.
  private static func mergedKernels(
    inTerm step: Step, _ outer: ArchitectureWeight, _ around: [ArchitectureWeight]
  ) -> [MergedKernel] {
    switch step {
    case .chain(let steps):
      mergedKernels(on: steps.dropLast(), around)
        + (steps.last.map { mergedKernels(inTerm: $0, outer, around) } ?? [])
    case .convolution(let convolution): merged(convolution, outer, around)
    default: []
    }
  }

  private static func merged(
    _ convolution: WeightedConvolution, _ outer: ArchitectureWeight, _ around: [ArchitectureWeight]
  ) -> [MergedKernel] {
    convolution.expression == nil
      ? [] : [MergedKernel(convolution: convolution, outer: outer, around: around)]
  }
}
