import Autodiff
import NeuralNetworks
import Tensors

// The interpreter that searches run: it computes what PlainInterpreter.swift says, with fewer passes over memory.
extension PathNetwork {
  /// What the interpreter needs to know of the pass it is in.
  struct Run {
    let pass: ForwardPass
    let architecture: RelaxedArchitecture?
    let edge: Int

    /// Whether a weight on this edge is 0.
    func isZero(_ weight: ArchitectureWeight) -> Bool {
      architecture?.isZero(EdgeWeight(edge: edge, weight: weight)) ?? false
    }

    /// The values of weights on this edge; nil if all are 1.
    func values(of weights: [ArchitectureWeight]) -> Variable? {
      if weights.allSatisfy({ $0 == .one }) { return nil }
      guard let architecture else {
        preconditionFailure("the path has weights \(weights), but no architecture was given")
      }
      return architecture.values(of: weights.map { EdgeWeight(edge: edge, weight: $0) })
    }

    /// The weights of the parts of a merged kernel, each times `outer`.
    func weights(
      of expression: any KernelExpression, times outer: ArchitectureWeight = .one
    ) -> Variable {
      guard let weights = values(of: expression.parts.map { outer.times($0.weight) }) else {
        preconditionFailure("a merged kernel needs weights for its parts")
      }
      return weights
    }
  }

  /// A summand of a sum, with its weight.
  typealias WeightedSummand = (weight: ArchitectureWeight, summand: Summand)

  /// The path's value by the fused interpreter: x [N, H, W, C]; the result has the size that the path's strides leave.
  ///
  /// A map of a supernet is larger than a cache, so that to write and to read it costs as much as the arithmetic of a
  /// small module. These forms save passes over maps:
  ///
  /// | form | what is saved |
  /// |---|---|
  /// | ReLU, then a convolution | the rectified map is not stored: the kernel takes max(x, 0) as it reads x, and its pullback masks as it writes |
  /// | depthwise convolution, then a pointwise one | the map between them is not stored: one image of it stays in the cache, and the pullback computes it again |
  /// | batch norm, perhaps ReLU, then those two | the normalized map is not stored: scale and shift are applied as it is read |
  /// | a sum of depthwise convolutions, then a pointwise one | neither the summands nor the sum are stored |
  /// | the last step of a branch: batch norm, average pool or identity | its result is not stored: the node adds it as it is computed; the sums over pixels that its pullback needs also give the gradient of alpha |
  /// | average pools of a node's sum | maps that one window pools are added first, and pooled once, image by image, while the sum is in the cache; backward, one pass spreads the gradients of all pools of a map |
  /// | merged kernels | they are computed before the maps, so that backward their convolutions take part in the next line |
  /// | convolutions that read one map | backward, its gradient is read and written once: each of them adds to the images of a task while these are in the cache |
  /// | a convolution, then batch norm | no pass reads the map for its mean and variance: the convolution adds them up as it writes |
  /// | a merged kernel under a weight | no pass scales the map: the weight is multiplied into the kernel |
  /// | a merged kernel in a step of alpha | no gradient of the merged kernel: those of its smaller parts suffice |
  /// | equal pools of the edges that leave a node | all but the first |
  /// | a branch of weight 0 | all of it: the number 1 stands in its place and carries the gradient of the weight |
  public func callAsFunction(
    _ x: Variable, _ architecture: RelaxedArchitecture?, edge: Int = 0, in pass: ForwardPass
  ) -> Variable {
    evaluate(root, PathInput(x), Run(pass: pass, architecture: architecture, edge: edge))
  }

  /// The path's value where other paths start from the same map.
  func value(_ x: PathInput, _ run: Run) -> Variable { evaluate(root, x, run) }

  /// The path as summands of the node that the edge leads to, each with its weight.
  ///
  /// The node adds the summands of all its edges in one pass, so that the last step of a branch (batch
  /// norm, pooling, identity) needs no memory of its own.
  func summands(_ x: PathInput, _ run: Run) -> [WeightedSummand] { summands(root, x, .one, run) }

  private func summands(
    _ step: Step, _ x: PathInput, _ outer: ArchitectureWeight, _ run: Run
  ) -> [WeightedSummand] {
    switch step {
    case .zero: return []
    case .averagePool(let window): return [(outer, .averagePooled(x.value, window))]
    case .batchNorm(let norm):
      let normalization = norm.normalization(of: x.value.value, moments: x.moments, in: run.pass)
      return [(outer, .normalized(x.value, normalization))]
    case .choice(let branches):
      return branches.flatMap { sampledSummands($0.step, x, outer.times($0.weight), run) }
    case .chain(let steps):
      guard let last = steps.last else { return [(outer, .identity(x.value))] }
      return summands(last, advance(x, through: steps.dropLast(), run), outer, run)
    case .convolution(let convolution) where convolution.expression != nil:
      return [(.one, .identity(convolve(convolution, x, run, outer: outer)))]
    case .identity, .relu, .maxPool, .convolution, .stripConvolution, .factorizedReduction:
      return [(outer, .identity(evaluate(step, x, run)))]
    }
  }

  /// The summands of a branch whose weight may be 0: then it is not evaluated, and the number 1 takes its place.
  ///
  /// Equation: D3-4 [published: D-X-Y/AutoDL-Projects]. Forward o_m(x) of the winner m alone; backward, with upstream
  /// gradient U, dL/dp_m = <U, o_m(x)> and, from the number 1, dL/dp_k = sum of U for all other k.
  ///
  /// Explained in chapter 24.
  private func sampledSummands(
    _ branch: Step, _ x: PathInput, _ weight: ArchitectureWeight, _ run: Run
  ) -> [WeightedSummand] {
    run.isZero(weight)
      ? [(weight, .one(outputShape(branch, x.shape)))]
      : summands(branch, x, weight, run)
  }

  private func evaluate(_ step: Step, _ x: PathInput, _ run: Run) -> Variable {
    switch step {
    case .identity, .relu, .averagePool, .maxPool, .batchNorm, .choice, .convolution, .chain:
      return advance(x, through: [step], run).value
    case .zero(let stride):
      let shape = Window(1, stride: stride).outputShape(x.shape, channels: x.shape.channels)
      return .constant(.zeros(shape))
    case .stripConvolution(let strip, let kernel):
      return convolution(x.raw, run.pass.variable(kernel), strip, afterReLU: x.isRectified)
    case .factorizedReduction(let even, let odd):
      return factorizedReduction(
        x.raw, even: run.pass.variable(even), odd: run.pass.variable(odd), afterReLU: x.isRectified)
    }
  }

  private func advance(_ x: PathInput, through steps: [Step], _ run: Run) -> PathInput {
    steps.reduce(x) { y, step in
      switch step {
      case .identity: y
      case .relu: y.rectified
      case .averagePool(let window): y.averagePooled(window)
      case .maxPool(let window): y.maxPooled(window)
      case .batchNorm(let norm):
        PathInput(
          .normalized(
            y.value, norm.normalization(of: y.value.value, moments: y.moments, in: run.pass)))
      case .convolution(let convolution) where convolution.grouping == .depthwise:
        PathInput(.depthwise([depthwiseTerm(step, y, .one, run)]))
      case .convolution(let convolution): convolved(convolution, y, run)
      case .choice(let branches): weightedSum(branches, y, run)
      case .chain(let steps): advance(y, through: steps, run)
      case .zero, .stripConvolution, .factorizedReduction: PathInput(evaluate(step, y, run))
      }
    }
  }

  private func weightedSum(
    _ branches: [(weight: ArchitectureWeight, step: Step)], _ x: PathInput, _ run: Run
  ) -> PathInput {
    if branches.allSatisfy({ Self.isMergedDepthwise($0.step) && !run.isZero($0.weight) }) {
      return PathInput(.depthwise(branches.map { depthwiseTerm($0.step, x, $0.weight, run) }))
    }
    let parts = summands(.choice(branches), x, .one, run)
    guard !parts.isEmpty else { return advance(x, through: [branches[0].step], run) }
    return PathInput(mixture(parts, run))
  }

  /// The shape of a step's result.
  private func outputShape(_ step: Step, _ shape: Shape) -> Shape {
    func after(_ window: Window) -> Shape { window.outputShape(shape, channels: shape.channels) }
    switch step {
    case .identity, .relu, .batchNorm: return shape
    case .zero(let stride): return after(Window(1, stride: stride))
    case .averagePool(let window), .maxPool(let window): return after(window)
    case .convolution(let convolution):
      return convolution.window.outputShape(
        shape, channels: convolution.kernels[0].value.shape[0])
    case .stripConvolution(let strip, _): return strip.outputShape(shape, channels: shape.channels)
    case .factorizedReduction: return after(Window(1, stride: 2))
    case .chain(let steps): return steps.reduce(shape) { outputShape($1, $0) }
    case .choice(let branches): return outputShape(branches[0].step, shape)
    }
  }

  /// The sum of `parts`; the factors of some may be 1.
  private func mixture(_ parts: [WeightedSummand], _ run: Run) -> Variable {
    Autodiff.mixture(parts.map(\.summand), weights: run.values(of: parts.map(\.weight)))
  }

  /// Whether a path ends in a depthwise convolution that takes its weight into its kernel.
  static func isMergedDepthwise(_ step: Step) -> Bool {
    switch step {
    case .chain(let steps): steps.last.map(isMergedDepthwise) ?? false
    case .convolution(let convolution):
      convolution.grouping == .depthwise && convolution.expression != nil
    default: false
    }
  }

  private func depthwiseTerm(
    _ step: Step, _ x: PathInput, _ outer: ArchitectureWeight, _ run: Run
  ) -> DepthwiseTerm {
    switch step {
    case .chain(let steps):
      guard let last = steps.last else { break }
      return depthwiseTerm(last, advance(x, through: steps.dropLast(), run), outer, run)
    case .convolution(let convolution):
      return x.depthwiseTerm(kernel(of: convolution, outer, run), convolution.window)
    default: break
    }
    preconditionFailure("only a path that ends in a convolution is a term of a sum of convolutions")
  }

  /// Convolves, with the moments that a batch norm after it will need in training.
  private func convolved(
    _ convolution: WeightedConvolution, _ x: PathInput, _ run: Run
  ) -> PathInput {
    let moments: ChannelMoments.Sums? =
      run.pass.mode == .training
      ? .init(parts: x.shape.images, channels: convolution.kernels[0].value.shape[0]) : nil
    return PathInput(convolve(convolution, x, run, outer: .one, moments: moments), moments: moments)
  }

  /// Convolves; the weight `outer` of the result is multiplied into the kernel, which is much smaller.
  private func convolve(
    _ convolution: WeightedConvolution, _ x: PathInput, _ run: Run, outer: ArchitectureWeight,
    moments: ChannelMoments.Sums? = nil
  ) -> Variable {
    let (window, afterReLU) = (convolution.window, x.isRectified)
    let kernel = kernel(of: convolution, outer, run)
    if convolution.grouping == .depthwise {
      return depthwiseConvolution(sumOf: [x.depthwiseTerm(kernel, window)])
    }
    if case .depthwise(let terms) = x.source, !afterReLU, window == Window(1),
      convolution.expression == nil
    {
      return separableConvolution(sumOf: terms, pointwise: kernel, moments: moments)
    }
    // A step of alpha needs no gradient of the merged kernel.
    let kernels = convolution.kernels.map(run.pass.variable)
    if let expression = convolution.expression, convolution.gain == nil,
      !kernels.contains(where: \.isTracked)
    {
      let parts = zip(kernels, expression.parts).map {
        (kernel: expression.prepared($0).value, window: $1.window)
      }
      return Autodiff.convolution(
        x.raw, mixing: parts, merged: kernel.value,
        weights: run.weights(of: expression, times: outer),
        window, afterReLU: afterReLU, moments: moments)
    }
    return Autodiff.convolution(x.raw, kernel, window, afterReLU: afterReLU, moments: moments)
  }

  /// The kernel of a convolution; a merged one is computed once in a pass.
  func kernel(
    of convolution: WeightedConvolution, _ outer: ArchitectureWeight, _ run: Run
  ) -> Variable {
    let kernels = convolution.kernels.map(run.pass.variable)
    guard let expression = convolution.expression else { return kernels[0] }
    func computed() -> Variable {
      expression.kernel(
        from: kernels, weights: run.weights(of: expression, times: outer),
        gain: convolution.gain.map(run.pass.variable))
    }
    return run.architecture?.kernel(.init(convolution, outer), computed) ?? computed()
  }
}
