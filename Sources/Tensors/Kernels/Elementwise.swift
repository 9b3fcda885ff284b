// Operations that treat every scalar alike. Large tensors are cut into pieces for several threads.

/// Fails with both shapes unless they are equal.
func expectSameShape(_ a: Tensor, _ b: Tensor, _ what: String) {
  precondition(a.shape == b.shape, "\(what) must have one shape, found \(a.shape) and \(b.shape)")
}

/// Calls `body` with the start and the number of valid lanes of every vector of `count` scalars.
@inline(__always)
private func forEachVector(
  _ count: Int, function: StaticString = #function, _ body: (Int, Int) -> Void
) {
  parallelRanges(count, size: 1 << 13, function: function) { range in
    for i in stride(from: range.lowerBound, to: range.upperBound, by: lanes) {
      body(i, range.upperBound - i)
    }
  }
}

extension Tensor {
  /// The sum of two tensors of one shape.
  public static func + (a: Tensor, b: Tensor) -> Tensor {
    combine(a, b) { Tensors.add($0, $1) }
  }

  /// The difference of two tensors of one shape.
  public static func - (a: Tensor, b: Tensor) -> Tensor {
    combine(a, b) { Tensors.subtract($0, $1) }
  }

  /// The product, scalar by scalar, of two tensors of one shape.
  public static func * (a: Tensor, b: Tensor) -> Tensor {
    combine(a, b) { Tensors.multiply($0, $1) }
  }

  /// Every scalar times `factor`.
  public static func * (factor: Scalar, x: Tensor) -> Tensor {
    let f = splat(factor)
    return combine(x, x) { v, _ in multiply(v, f) }
  }

  /// Adds a tensor of the same shape in place.
  public static func += (a: inout Tensor, b: Tensor) { a.add(b, scaledBy: 1) }

  /// Adds `factor` times `b`, of the same shape, in place.
  public mutating func add(_ b: Tensor, scaledBy factor: Scalar) {
    expectSameShape(self, b, "summands")
    let (target, source, f) = (mutablePointer, b.pointer, splat(factor))
    forEachVector(shape.count) { i, valid in
      var v = load(target + i)
      addProduct(&v, load(source + i), f)
      store(v, target + i, count: valid)
    }
  }

  /// Multiplies every scalar by `factor` in place.
  public mutating func scale(by factor: Scalar) {
    let (target, f) = (mutablePointer, splat(factor))
    forEachVector(shape.count) { i, valid in
      store(multiply(load(target + i), f), target + i, count: valid)
    }
  }

  /// Moves every scalar toward that of a tensor of the same shape: x = (1 - share) x + share target.
  public mutating func move(toward target: Tensor, by share: Scalar) {
    expectSameShape(self, target, "a tensor and its target")
    let (x, target, kept, moved) = (mutablePointer, target.pointer, splat(1 - share), splat(share))
    forEachVector(shape.count) { i, valid in
      var v = multiply(load(x + i), kept)
      addProduct(&v, load(target + i), moved)
      store(v, x + i, count: valid)
    }
  }

  /// max(x, 0), scalar by scalar.
  public func relu() -> Tensor {
    Tensor.combine(self, self) { v, _ in Tensors.relu(v) }
  }

  /// This tensor where `mask` is positive, 0 elsewhere: the pullback of `relu`.
  public func keeping(wherePositive mask: Tensor) -> Tensor {
    Tensor.combine(self, mask) { Tensors.keeping($0, wherePositive: $1) }
  }

  /// The sum of all scalars, in double precision and a fixed order.
  public func total() -> Double { withScalars { $0.reduce(0) { $0 + Double($1) } } }

  /// Whether every scalar is a finite number.
  public var isFinite: Bool { withScalars { $0.allSatisfy(\.isFinite) } }

  /// A tensor with `transform` applied to every scalar.
  public func map(_ transform: (Scalar) -> Scalar) -> Tensor {
    withScalars { Tensor($0.map(transform), shape: shape) }
  }

  @inline(__always)
  private static func combine(
    _ a: Tensor, _ b: Tensor, function: StaticString = #function,
    _ body: (Vector, Vector) -> Vector
  ) -> Tensor {
    expectSameShape(a, b, "operands")
    var result = Tensor(uninitialized: a.shape)
    let (x, y, target) = (a.pointer, b.pointer, result.mutablePointer)
    forEachVector(a.shape.count, function: function) { i, valid in
      store(body(load(x + i), load(y + i)), target + i, count: valid)
    }
    return result
  }
}

/// Writes `count` scalars of `source` times `factor`.
@inline(__always)
func scale(
  _ source: UnsafePointer<Scalar>, by factor: Scalar, into target: UnsafeMutablePointer<Scalar>,
  count: Int
) {
  let f = splat(factor)
  for i in stride(from: 0, to: count, by: lanes) {
    store(multiply(load(source + i), f), target + i, count: count - i)
  }
}
