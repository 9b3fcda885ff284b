#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Functions of rows of numbers: class scores and architecture parameters. Their tensors are small.

/// Exponential, logarithm and the logistic function in the precision of `Scalar`.
public enum Elementary {
  /// e to the power x.
  public static func exp(_ x: Scalar) -> Scalar { systemExp(x) }

  /// The natural logarithm of x.
  public static func log(_ x: Scalar) -> Scalar { systemLog(x) }

  /// The softplus of x, log(1 + e^x), without overflow and to full precision where it is small.
  public static func softplus(_ x: Scalar) -> Scalar { max(x, 0) + systemLog1p(exp(-abs(x))) }

  /// The logistic function of x, 1 / (1 + e^-x); 0 where that is too small for a number.
  public static func sigmoid(_ x: Scalar) -> Scalar {
    let tail = exp(-abs(x))
    return (x < 0 ? tail : 1) / (1 + tail)
  }
}

private func systemExp(_ x: Scalar) -> Scalar { exp(x) }
private func systemLog(_ x: Scalar) -> Scalar { log(x) }
private func systemLog1p(_ x: Scalar) -> Scalar { log1p(x) }

/// log(sum of exp(x)) without overflow; minus infinity for no numbers, NaN if one is.
public func logSumExp(_ x: some Collection<Scalar>) -> Scalar {
  guard let largest = x.max() else { return -.infinity }
  if x.contains(where: \.isNaN) { return .nan }
  if largest == -.infinity { return -.infinity }
  return largest + Elementary.log(x.reduce(0) { $0 + Elementary.exp($1 - largest) })
}

extension Tensor {
  /// The logarithm of the softmax along the last axis.
  public func logSoftmax() -> Tensor {
    mapRows { row in
      let total = logSumExp(row)
      return row.map { $0 - total }
    }
  }

  /// The softmax along the last axis: exp(x_i) / sum of exp(x_j).
  public func softmax() -> Tensor { logSoftmax().map(Elementary.exp) }

  /// A tensor whose rows along the last axis are `transform` of this one's.
  public func mapRows(_ transform: (ArraySlice<Scalar>) -> [Scalar]) -> Tensor {
    let (all, length) = (scalars, shape.channels)
    let rows = stride(from: 0, to: all.count, by: max(1, length)).flatMap {
      transform(all[$0..<$0 + length])
    }
    return Tensor(rows, shape: shape)
  }
}

/// Cross entropy of class scores with label smoothing, averaged over the batch.
///
/// loss = mean over n of - sum over k of t[n, k] log softmax(x[n])_k, t = (1 - e) onehot(label) + e / K.
public enum CrossEntropy {
  /// The loss of logits x [N, K] and labels in `0 ..< K`.
  public static func forward(_ x: Tensor, labels: [Int], smoothing: Scalar = 0) -> Scalar {
    check(x, labels)
    let (logProbabilities, classes) = (x.logSoftmax(), x.shape[1])
    var total = 0.0
    for (n, label) in labels.enumerated() {
      for k in 0..<classes {
        let share = target(k, label, classes, smoothing)
        if share != 0 { total -= Double(share) * Double(logProbabilities[n * classes + k]) }
      }
    }
    return Scalar(total / Double(labels.count))
  }

  /// The gradient with respect to x: (softmax(x) - t) / N.
  public static func gradient(_ x: Tensor, labels: [Int], smoothing: Scalar = 0) -> Tensor {
    check(x, labels)
    let classes = x.shape[1]
    var gradient = x.softmax()
    gradient.withMutableScalars { g in
      for (n, label) in labels.enumerated() {
        for k in 0..<classes {
          g[n * classes + k] =
            (g[n * classes + k] - target(k, label, classes, smoothing)) / Scalar(labels.count)
        }
      }
    }
    return gradient
  }

  private static func target(_ k: Int, _ label: Int, _ classes: Int, _ e: Scalar) -> Scalar {
    (k == label ? 1 - e : 0) + e / Scalar(classes)
  }

  private static func check(_ x: Tensor, _ labels: [Int]) {
    precondition(
      x.shape.rank == 2 && x.shape[0] == labels.count && !labels.isEmpty,
      "logits [N, K] need one label a row: found shape \(x.shape) and \(labels.count) labels")
    precondition(
      labels.allSatisfy { 0..<x.shape[1] ~= $0 },
      "labels must be in 0..<\(x.shape[1]), found \(labels)")
  }
}
