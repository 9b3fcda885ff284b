import Tensors

/// One summand of a mixture: an operation whose last step needs no memory of its own.
public enum Summand {
  /// x itself.
  case identity(Variable)
  /// x after batch normalization.
  case normalized(Variable, Normalization)
  /// x after average pooling.
  case averagePooled(Variable, Window)
  /// The number 1 everywhere in a map of this shape, for an operation that is not evaluated.
  case one(Shape)

  var variables: [Variable] {
    switch self {
    case .identity(let x), .averagePooled(let x, _): [x]
    case .normalized(let x, let n): [x] + [n.gain, n.bias].compactMap { $0 }
    case .one: []
    }
  }

  var outputShape: Shape {
    switch self {
    case .identity(let x), .normalized(let x, _): x.shape
    case .averagePooled(let x, let window): window.outputShape(x.shape, channels: x.shape.channels)
    case .one(let shape): shape
    }
  }
}

/// The weighted sum of several summands in one pass: y = sum over k of weights[k] * summand k.
///
/// This is the mixed operation of a supernet. Normalized and pooled maps are neither written nor kept:
/// forward, each is scaled channel by channel while it is added; backward, the sums over pixels that
/// batch normalization needs anyway give the gradients of the weights too.
///
/// - Parameters:
///   - summands: at least one; all of one output shape.
///   - weights: one number a summand, [summands]; nil is 1 for each.
/// - Returns: the sum, of the summands' output shape.
public func mixture(_ summands: [Summand], weights: Variable? = nil) -> Variable {
  precondition(!summands.isEmpty, "a mixture of nothing has no shape")
  precondition(
    weights.map { $0.shape == [summands.count] } ?? true,
    "\(summands.count) summands need as many weights, found shape \(weights?.shape ?? [])")
  let values = weights?.value.scalars ?? summands.map { _ in 1 }
  let inputs = summands.flatMap(\.variables) + (weights.map { [$0] } ?? [])
  let parts = summands.map(MixturePart.init)
  let y = mixtureValue(parts, values, shape: summands[0].outputShape)
  let kept = weights?.isTracked == true ? parts : parts.map(\.withoutValueOfIdentity)
  return .result(of: "mixture", inputs, y) { [slot = weights?.slot] g, gradients in
    let needsWeights = slot.map { gradients.needs($0) } ?? false
    let derivatives = pullBack(g, kept, values, needsWeights: needsWeights, &gradients)
    if let slot { gradients.add(Tensor(vector: derivatives), to: slot) }
  }
}

/// Batch normalization of a map [..., C].
public func batchNorm(_ x: Variable, _ normalization: Normalization) -> Variable {
  mixture([.normalized(x, normalization)])
}

/// What a mixture keeps of a summand: values and slots, no variables.
private enum MixturePart {
  case identity(Tensor?, Variable.Slot)
  case normalized(Tensor, Variable.Slot, KeptNormalization)
  case averagePooled(Tensor, Variable.Slot, Window)
  case one

  init(_ summand: Summand) {
    switch summand {
    case .identity(let x): self = .identity(x.value, x.slot)
    case .normalized(let x, let n): self = .normalized(x.value, x.slot, KeptNormalization(n))
    case .averagePooled(let x, let window): self = .averagePooled(x.value, x.slot, window)
    case .one: self = .one
    }
  }

  /// The derivative of an identity's weight needs its value, its own gradient does not.
  var withoutValueOfIdentity: MixturePart {
    if case .identity(_, let slot) = self { .identity(nil, slot) } else { self }
  }
}

private func mixtureValue(_ parts: [MixturePart], _ weights: [Scalar], shape: Shape) -> Tensor {
  var terms: [ChannelwiseSum.Term] = []
  var shift = [Double](repeating: 0, count: shape.channels)
  var pooled = EqualPools<ChannelwiseSum.Term>()
  for (part, weight) in zip(parts, weights) {
    switch part {
    case .identity(let x?, _):
      terms.append(.init(x, scale: weight))
    case .identity(nil, _): preconditionFailure("a sum needs the values of its summands")
    case .normalized(let x, _, let n):
      let (scale, offset) = n.affineMap(weight: Double(weight))
      for c in shift.indices { shift[c] += offset[c] }
      terms.append(.init(x, scale: Tensor(vector: scale)))
    case .one: for c in shift.indices { shift[c] += Double(weight) }
    case .averagePooled(let x, _, let window):
      pooled.add(.init(x, scale: weight), of: x.shape, pooledBy: window)
    }
  }
  let pools = pooled.groups.map { AveragePooling.Share(pooling: LazyMap($0.elements), $0.window) }
  var y = Tensor(uninitialized: shape)
  let offset = Tensor(vector: shift)
  if pools.isEmpty {
    ChannelwiseSum.forward(terms, shift: offset, into: &y, accumulating: false)
  } else {
    MapSum.evaluate(terms, shift: offset, pools, into: &y, accumulating: false)
  }
  return y
}

/// Passes `g` on to the summands and returns the derivative with respect to each weight.
private func pullBack(
  _ g: Tensor, _ parts: [MixturePart], _ weights: [Scalar], needsWeights: Bool,
  _ gradients: inout Gradients
) -> [Double] {
  // One pass over g and all maps gives every sum over pixels.
  let terms = parts.map { part -> ChannelwiseProducts.Term? in
    switch part {
    case .identity(let x, _): needsWeights ? x.map { .init($0) } : nil
    case .normalized(let x, _, let n): .init(x, center: Tensor(vector: n.mean))
    case .averagePooled, .one: nil
    }
  }
  let needsSums = terms.contains { $0 != nil } || needsWeights
  let (sum, all) = needsSums ? sums(g, terms, parts) : ([], [])
  var products = all.makeIterator()
  let pooled = needsWeights ? poolDerivatives(g, parts) : [:]
  return parts.indices.map { index in
    let (product, weight) = (terms[index] == nil ? nil : products.next(), weights[index])
    switch parts[index] {
    case .identity(_, let slot):
      gradients.add([.init(g, scale: weight)], to: slot)
      return product?.reduce(0, +) ?? 0
    case .normalized(let x, let slot, let n):
      return n.pullBack(
        g, x, slot, weight: Double(weight), sum: sum, product: product ?? [], &gradients)
    case .one: return sum.reduce(0, +)
    case .averagePooled(let x, let slot, let window):
      gradients.add(.init(g, scale: weight), pooledBy: window, of: x.shape, to: slot)
      return pooled[index] ?? 0
    }
  }
}

/// The sums of g and of its products with the terms, channel by channel.
///
/// Maps of one channel, such as depthwise kernels, would leave fifteen of sixteen lanes empty; and of identities alone the
/// sum of g is not asked for.
private func sums(
  _ g: Tensor, _ terms: [ChannelwiseProducts.Term?], _ parts: [MixturePart]
) -> (sum: [Double], products: [[Double]]) {
  let terms = terms.compactMap { $0 }
  let areIdentities = parts.allSatisfy { if case .identity = $0 { true } else { false } }
  guard areIdentities && g.shape.channels == 1 else { return ChannelwiseProducts.sums(g, terms) }
  return ([], terms.map { [g.dot($0.x)] })
}

/// The derivatives with respect to the weights of the average pools among `parts`, by their places; maps that one window
/// pools have one pass.
private func poolDerivatives(_ g: Tensor, _ parts: [MixturePart]) -> [Int: Double] {
  var pools = EqualPools<(place: Int, map: Tensor)>()
  for (place, part) in parts.enumerated() {
    if case .averagePooled(let x, _, let window) = part {
      pools.add((place, x), of: x.shape, pooledBy: window)
    }
  }
  return pools.groups.reduce(into: [:]) { derivatives, pool in
    let products = AveragePooling.products(g, pool.window, pool.elements.map(\.map))
    for (part, product) in zip(pool.elements, products) { derivatives[part.place] = product }
  }
}
