import Tensors

/// Depthwise convolution: x [N, H, W, C], w [C, k, k, 1], result [N, H', W', C].
///
/// With `afterReLU` it is the convolution of max(x, 0), which is never stored.
public func depthwiseConvolution(
  _ x: Variable, _ w: Variable, _ window: Window, afterReLU: Bool = false
) -> Variable {
  depthwiseConvolution(sumOf: [DepthwiseTerm(x: x, w: w, window: window, afterReLU: afterReLU)])
}

/// One of several depthwise convolutions that are added up.
public struct DepthwiseTerm {
  let x: Variable
  let normalization: Normalization?
  let w: Variable
  let window: Window
  let afterReLU: Bool

  /// Creates the convolution of x, normalized if asked for, or of max(x, 0), by w.
  public init(
    x: Variable, normalization: Normalization? = nil, w: Variable, window: Window, afterReLU: Bool
  ) {
    self.x = x
    self.normalization = normalization
    self.w = w
    self.window = window
    self.afterReLU = afterReLU
  }

  /// The shape of the convolution [N, H', W', C].
  public var outputShape: Shape { window.outputShape(x.shape, channels: x.shape.channels) }

  fileprivate var variables: [Variable] {
    [x, w] + [normalization?.gain, normalization?.bias].compactMap { $0 }
  }
}

/// The sum of depthwise convolutions, each added where it is computed; all have one output shape.
public func depthwiseConvolution(sumOf terms: [DepthwiseTerm]) -> Variable {
  precondition(!terms.isEmpty, "a sum of no convolutions has no shape")
  var y = Tensor(uninitialized: terms[0].outputShape)
  let terms = terms.map { term -> (x: Variable, w: Variable, window: Window, afterReLU: Bool) in
    (
      term.normalization.map { batchNorm(term.x, $0) } ?? term.x, term.w, term.window,
      term.afterReLU
    )
  }
  for (index, term) in terms.enumerated() {
    DepthwiseConvolution.forward(
      term.x.value, term.w.value, term.window, afterReLU: term.afterReLU, into: &y,
      accumulating: index > 0)
  }
  let kept = terms.map {
    (x: $0.x.value, w: $0.w.value, slots: ($0.x.slot, $0.w.slot), $0.window, $0.afterReLU)
  }
  return .result(of: "depthwiseConvolution", terms.flatMap { [$0.x, $0.w] }, y) { g, gradients in
    for (x, w, slots, window, afterReLU) in kept {
      gradients.add(
        DepthwiseConvolution.weightGradient(x, g, window, afterReLU: afterReLU), to: slots.1)
      gradients.accumulate(into: slots.0, shape: x.shape) { total, accumulating in
        DepthwiseConvolution.inputGradient(
          g, w, window, reluInput: afterReLU ? x : nil, into: &total, accumulating: accumulating)
      }
    }
  }
}

/// A pointwise convolution of a sum of depthwise convolutions: w [O, 1, 1, C], result [N, H', W', O].
///
/// Neither the sum nor the normalized and rectified inputs are stored: one image of them at a time stays in
/// the cache, and the pullback computes it again. The moments of the result are written to `moments`.
public func separableConvolution(
  sumOf terms: [DepthwiseTerm], pointwise w: Variable, moments: ChannelMoments.Sums? = nil
) -> Variable {
  let kept = terms.map(KeptTerm.init)
  let weights = w.value
  let y = SeparableConvolution.forward(kept.map(\.branch), weights, moments: moments)
  return .lazyResult(of: "separableConvolution", terms.flatMap(\.variables) + [w], y) {
    [slot = w.slot] g, gradients in
    if shareGradient(of: kept, g, weights, pointwise: slot, &gradients) { return }
    var places: [SeparableConvolution.InputGradient?] = []
    for term in kept { places.append(term.place(&gradients)) }
    let kernels = SeparableConvolution.gradients(
      g, kept.map(\.branch), weights, into: &places,
      depthwise: kept.map { gradients.needs($0.kernelSlot) },
      isPointwiseNeeded: gradients.needs(slot))
    if let gradient = kernels.pointwise { gradients.add(gradient, to: slot) }
    for (index, term) in kept.enumerated() {
      if let gradient = kernels.depthwise[index] { gradients.add(gradient, to: term.kernelSlot) }
      if let place = places[index].take() { term.pullBack(place.total, &gradients) }
    }
  }
}

/// Leaves the gradient of the map to the pass that adds all shares of it, if all terms read one map as it is.
///
/// Returns whether it did.
private func shareGradient(
  of terms: [KeptTerm], _ g: LazyMap, _ weights: Tensor, pointwise slot: Variable.Slot,
  _ gradients: inout Gradients
) -> Bool {
  guard let x = terms[0].source, terms.allSatisfy({ $0.source?.slot.index == x.slot.index }),
    gradients.needs(x.slot)
  else { return false }
  let kernelSlots = terms.map(\.kernelSlot)
  let share = SeparableConvolution.Share(
    g, terms.map(\.branch), weights, depthwise: kernelSlots.map { gradients.needs($0) },
    isPointwiseNeeded: gradients.needs(slot))
  let canWait = (kernelSlots + [slot]).allSatisfy { gradients.canWait(at: $0, for: x.slot) }
  gradients.add(share, of: x.shape, to: x.slot, now: !canWait) { gradients in
    let kernels = share.kernels
    if let gradient = kernels.pointwise { gradients.add(gradient, to: slot) }
    for (gradient, slot) in zip(kernels.depthwise, kernelSlots) {
      if let gradient { gradients.add(gradient, to: slot) }
    }
  }
  return true
}

/// What a separable convolution keeps of a term: values and slots, no variables.
private struct KeptTerm {
  let branch: SeparableConvolution.Branch
  let kernelSlot: Variable.Slot
  private let x: Tensor
  private let slot: Variable.Slot
  private let normalization: KeptNormalization?

  init(_ term: DepthwiseTerm) {
    x = term.x.value
    slot = term.x.slot
    kernelSlot = term.w.slot
    normalization = term.normalization.map(KeptNormalization.init)
    let input: LazyMap
    if let (scale, offset) = normalization?.affineMap(weight: 1) {
      input = LazyMap(
        [.init(x, scale: Tensor(vector: scale))], shift: Tensor(vector: offset),
        afterReLU: term.afterReLU)
    } else {
      input = LazyMap(x, afterReLU: term.afterReLU)
    }
    branch = .init(input, term.w.value, term.window)
  }

  /// The map that is convolved as it is; nil if it is normalized first.
  var source: (slot: Variable.Slot, shape: Shape)? { normalization == nil ? (slot, x.shape) : nil }

  /// Where the gradient of what is convolved is written; nil if nobody asks for it.
  func place(_ gradients: inout Gradients) -> SeparableConvolution.InputGradient? {
    if let normalization {
      return normalization.isNeeded(gradients) || gradients.needs(slot)
        ? .init(Tensor(uninitialized: x.shape), accumulating: false) : nil
    }
    return gradients.take(from: slot, shape: x.shape).map { .init($0, accumulating: $1) }
  }

  /// Passes the gradient of what is convolved on.
  func pullBack(_ g: Tensor, _ gradients: inout Gradients) {
    guard let normalization else { return gradients.give(g, to: slot) }
    let (sum, products) = ChannelwiseProducts.sums(
      g, [.init(x, center: Tensor(vector: normalization.mean))])
    _ = normalization.pullBack(
      g, x, slot, weight: 1, sum: sum, product: products[0], &gradients)
  }
}
