// Tensors of many shapes in one parallel loop: a network has hundreds of weights, most of them too small for a loop.

/// Calls `body` for pieces that together cover every scalar of tensors of these `counts`, on several threads.
///
/// A piece is of one tensor, and of at most 8192 scalars.
func parallelPieces(
  of counts: [Int], file: StaticString = #fileID, function: StaticString = #function,
  _ body: (_ tensor: Int, _ scalars: Range<Int>, _ piece: Int) -> Void
) {
  let pieces = pieces(of: counts)
  parallelFor(pieces.count, file: file, function: function) { piece in
    body(pieces[piece].tensor, pieces[piece].scalars, piece)
  }
}

private func pieces(of counts: [Int]) -> [(tensor: Int, scalars: Range<Int>)] {
  let size = 1 << 13
  return counts.enumerated().flatMap { tensor, count in
    stride(from: 0, to: count, by: size).map { (tensor, $0..<Swift.min(count, $0 + size)) }
  }
}

extension [Tensor] {
  /// The sum of the squares of all scalars of all tensors, in double precision and a fixed order.
  package var sumOfSquares: Double {
    let counts = map(\.shape.count)
    return [Double](unsafeUninitializedCapacity: pieces(of: counts).count) { sums, initialized in
      let target = sums
      parallelPieces(of: counts) { tensor, scalars, piece in
        let x = self[tensor].pointer + scalars.lowerBound
        target.initializeElement(at: piece, to: sumOfProducts(x, x, count: scalars.count))
      }
      initialized = sums.count
    }.reduce(0, +)
  }

  /// Multiplies every scalar of every tensor by `factor` in place.
  package mutating func scale(by factor: Scalar) {
    let targets = indices.map { self[$0].mutablePointer }
    parallelPieces(of: map(\.shape.count)) { tensor, scalars, _ in
      let x = targets[tensor] + scalars.lowerBound
      Tensors.scale(UnsafePointer(x), by: factor, into: x, count: scalars.count)
    }
  }
}

extension Naive {
  /// The twin of `[Tensor].sumOfSquares`.
  package static func sumOfSquares(_ tensors: [Tensor]) -> Double {
    tensors.flatMap(\.scalars).reduce(0) { $0 + Double($1) * Double($1) }
  }
}
