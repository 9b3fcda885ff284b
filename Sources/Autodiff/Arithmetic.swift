import Tensors

extension Variable {
  /// The sum of two variables of one shape.
  public static func + (a: Variable, b: Variable) -> Variable {
    .result(of: "add", [a, b], a.value + b.value) { [a = a.slot, b = b.slot] g, gradients in
      gradients.add(g, to: a)
      gradients.add(g, to: b)
    }
  }

  /// The difference of two variables of one shape.
  public static func - (a: Variable, b: Variable) -> Variable {
    .result(of: "subtract", [a, b], a.value - b.value) { [a = a.slot, b = b.slot] g, gradients in
      gradients.add(g, to: a)
      gradients.add(-1 * g, to: b)
    }
  }

  /// The product, scalar by scalar, of two variables of one shape.
  public static func * (a: Variable, b: Variable) -> Variable {
    let (x, y) = (a.value, b.value)
    return .result(of: "multiply", [a, b], x * y) { [a = a.slot, b = b.slot] g, gradients in
      gradients.add(g * y, to: a)
      gradients.add(g * x, to: b)
    }
  }

  /// A constant times a variable.
  public static func * (factor: Scalar, x: Variable) -> Variable {
    .result(of: "scale", [x], factor * x.value) { [x = x.slot] g, gradients in
      gradients.add(factor * g, to: x)
    }
  }
}

/// The sum of all scalars of x, a single number.
public func sum(_ x: Variable) -> Variable {
  let shape = x.shape
  return .result(of: "sum", [x], Tensor(Scalar(x.value.total()))) { [x = x.slot] g, gradients in
    gradients.add(Tensor(repeating: g.item, shape: shape), to: x)
  }
}

/// e to the power x, scalar by scalar.
public func exp(_ x: Variable) -> Variable {
  let y = x.value.map(Elementary.exp)
  return .result(of: "exp", [x], y) { [x = x.slot] g, gradients in gradients.add(g * y, to: x) }
}

/// The softplus of x, log(1 + e^x), scalar by scalar; its derivative is the logistic function.
public func softplus(_ x: Variable) -> Variable {
  let value = x.value
  return .result(of: "softplus", [x], value.map(Elementary.softplus)) {
    [x = x.slot] g, gradients in
    gradients.add(g * value.map(Elementary.sigmoid), to: x)
  }
}

/// The logarithm of the logistic function, scalar by scalar: finite where the function itself is 0.
public func logSigmoid(_ x: Variable) -> Variable { -1 * softplus(-1 * x) }

/// The logistic function 1 / (1 + e^-x), scalar by scalar.
public func sigmoid(_ x: Variable) -> Variable { exp(logSigmoid(x)) }

/// max(x, 0), scalar by scalar; the derivative at 0 is 0.
public func relu(_ x: Variable) -> Variable {
  let value = x.value
  return .result(of: "relu", [x], value.relu()) { [x = x.slot] g, gradients in
    gradients.add(g.keeping(wherePositive: value), to: x)
  }
}

/// The scalars of x at `indices` in row-major order, as a vector; an index may occur several times.
public func gather(_ x: Variable, _ indices: [Int]) -> Variable {
  let shape = x.shape
  let value = Tensor(indices.map { x.value[$0] }, shape: [indices.count])
  return .result(of: "gather", [x], value) { [x = x.slot] g, gradients in
    var share = Tensor.zeros(shape)
    for (k, index) in indices.enumerated() { share[index] += g[k] }
    gradients.add(share, to: x)
  }
}

/// The log-sum-exp of several groups of scalars of x: result [groups], each group a list of indices in
/// row-major order.
public func logSumExp(_ x: Variable, groups: [[Int]]) -> Variable {
  let value = x.value
  let totals = groups.map { group in Tensors.logSumExp(group.map { value[$0] }) }
  return .result(of: "logSumExp", [x], Tensor(totals, shape: [groups.count])) {
    [x = x.slot] g, gradients in
    var share = Tensor.zeros(value.shape)
    for (k, group) in groups.enumerated() {
      for index in group { share[index] += g[k] * Elementary.exp(value[index] - totals[k]) }
    }
    gradients.add(share, to: x)
  }
}

/// The softmax along the last axis.
public func softmax(_ x: Variable) -> Variable {
  let p = x.value.softmax()
  return .result(of: "softmax", [x], p) { [x = x.slot] g, gradients in
    let product = (g * p).mapRows { row in
      let total = row.reduce(0, +)
      return row.map { _ in total }
    }
    gradients.add(p * (g - product), to: x)
  }
}

/// The logarithm of the softmax along the last axis.
public func logSoftmax(_ x: Variable) -> Variable {
  let y = x.value.logSoftmax()
  return .result(of: "logSoftmax", [x], y) { [x = x.slot] g, gradients in
    let total = g.mapRows { row in
      let total = row.reduce(0, +)
      return row.map { _ in total }
    }
    gradients.add(g - y.map(Elementary.exp) * total, to: x)
  }
}

/// The cross entropy of logits [N, K] and labels, with label smoothing, averaged over the batch.
public func crossEntropy(_ x: Variable, labels: [Int], smoothing: Scalar = 0) -> Variable {
  let logits = x.value
  let loss = CrossEntropy.forward(logits, labels: labels, smoothing: smoothing)
  return .result(of: "crossEntropy", [x], Tensor(loss)) { [x = x.slot] g, gradients in
    gradients.add(
      g.item * CrossEntropy.gradient(logits, labels: labels, smoothing: smoothing), to: x)
  }
}
