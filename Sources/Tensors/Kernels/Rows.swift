// A tensor as rows: an index along the first axis, and all scalars that it holds. A kernel has a row an output channel.

extension Tensor {
  /// The sum of the products of corresponding scalars, in double precision and a fixed order.
  public func dot(_ other: Tensor) -> Double {
    expectSameShape(self, other, "factors of a dot product")
    let (a, b, size) = (pointer, other.pointer, 1 << 13)
    let parts = parallelSums((shape.count + size - 1) / size, eachOf: size) { part in
      let start = part * size
      return sumOfProducts(a + start, b + start, count: min(size, shape.count - start))
    }
    return parts.reduce(0, +)
  }

  /// The sums of the products of corresponding scalars, row by row, in double precision and a fixed order.
  ///
  /// - Parameters:
  ///   - other: a tensor of the same shape.
  ///   - rows: into how many rows of one length both are cut.
  /// - Returns: a sum for each row.
  package func rowDots(_ other: Tensor, rows: Int) -> [Double] {
    expectSameShape(self, other, "factors of a dot product")
    let (a, b, length) = (pointer, other.pointer, rowLength(rows))
    return parallelSums(rows, eachOf: length) { row in
      sumOfProducts(a + row * length, b + row * length, count: length)
    }
  }

  /// Each row less its mean.
  package func centeringRows() -> Tensor {
    mappingRows(shape[0]) { _, source, target, length in
      let mean = Scalar((0..<length).reduce(0.0) { $0 + Double(source[$1]) } / Double(length))
      for i in 0..<length { target[i] = source[i] - mean }
    }
  }

  /// Each row times its factor; there are as many rows as factors.
  package func scalingRows(by factors: [Scalar]) -> Tensor {
    mappingRows(factors.count) { row, source, target, length in
      Tensors.scale(source, by: factors[row], into: target, count: length)
    }
  }

  /// Rows of length 1: u = f x, f = 1 / sqrt(<x, x> + epsilon), for each row x.
  ///
  /// - Parameters:
  ///   - rows: into how many rows of one length the tensor is cut.
  ///   - epsilon: what keeps the root away from 0.
  /// - Returns: all u, of this tensor's shape, and all f, [rows].
  package func unitRows(_ rows: Int, epsilon: Scalar) -> (u: Tensor, f: Tensor) {
    var factors = Tensor(uninitialized: [rows])
    let f = factors.mutablePointer
    let u = mappingRows(rows) { row, x, target, length in
      f[row] = Scalar(1 / (sumOfProducts(x, x, count: length) + Double(epsilon)).squareRoot())
      Tensors.scale(x, by: f[row], into: target, count: length)
    }
    return (u, factors)
  }

  /// The pullback of `unitRows`: f (g - <u, g> u) for each row g of this tensor, in one pass.
  package func tangentRows(_ unit: (u: Tensor, f: Tensor)) -> Tensor {
    expectSameShape(self, unit.u, "unit rows and their cotangent")
    let (u, f) = (unit.u.pointer, unit.f.pointer)
    return mappingRows(unit.f.shape[0]) { row, g, target, length in
      let u = u + row * length
      let (along, factor) = (splat(Scalar(sumOfProducts(u, g, count: length))), splat(f[row]))
      for i in stride(from: 0, to: length, by: lanes) {
        let across = subtract(load(g + i), multiply(load(u + i), along))
        store(multiply(across, factor), target + i, count: length - i)
      }
    }
  }

  private func mappingRows(
    _ rows: Int, function: StaticString = #function,
    _ body: (Int, UnsafePointer<Scalar>, UnsafeMutablePointer<Scalar>, Int) -> Void
  ) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let (source, target, length) = (pointer, result.mutablePointer, rowLength(rows))
    parallelRanges(rows, size: itemsPerTask(of: length), function: function) { range in
      for row in range { body(row, source + row * length, target + row * length, length) }
    }
    return result
  }

  private func rowLength(_ rows: Int) -> Int {
    precondition(
      rows > 0 && shape.count % rows == 0, "a tensor of shape \(shape) has no \(rows) equal rows")
    return shape.count / rows
  }
}

/// How many items of `length` scalars are worth a task.
private func itemsPerTask(of length: Int) -> Int { max(1, (1 << 13) / max(1, length)) }

/// `sum(item)` of every item, each over `length` scalars.
private func parallelSums(
  _ count: Int, eachOf length: Int, function: StaticString = #function, _ sum: (Int) -> Double
) -> [Double] {
  Array(unsafeUninitializedCapacity: count) { sums, initialized in
    let target = sums
    parallelRanges(count, size: itemsPerTask(of: length), function: function) { range in
      for item in range { target.initializeElement(at: item, to: sum(item)) }
    }
    initialized = count
  }
}

/// The sum of `count` products, in double precision.
///
/// Eight sums run side by side, so that no product waits for the addition before it.
func sumOfProducts(
  _ a: UnsafePointer<Scalar>, _ b: UnsafePointer<Scalar>, count: Int
) -> Double {
  var sums = SIMD8<Double>.zero
  let whole = count / 8 * 8
  for start in stride(from: 0, to: whole, by: 8) {
    sums += eightDoubles(a + start) * eightDoubles(b + start)
  }
  let rest = (whole..<count).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
  return (0..<8).reduce(rest) { $0 + sums[$1] }
}

extension Naive {
  /// The twin of `Tensor.rowDots`, and of `Tensor.dot` with a single row.
  package static func rowDots(_ a: Tensor, _ b: Tensor, rows: Int) -> [Double] {
    let length = a.shape.count / rows
    return (0..<rows).map { row in
      (row * length..<(row + 1) * length).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
    }
  }
}
