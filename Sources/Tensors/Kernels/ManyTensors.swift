// Tensors of many shapes in one parallel loop: a network has hundreds of weights, most of them too small for a loop.

/// Some neighbouring scalars of one of several tensors.
struct Piece {
  /// Which of the tensors.
  let tensor: Int
  /// Which of its scalars: at most 8192.
  let scalars: Range<Int>

  /// Pieces that together cover every scalar of tensors of these `counts`, in their order.
  static func all(of counts: [Int]) -> [Piece] {
    let size = 1 << 13
    return counts.enumerated().flatMap { tensor, count in
      stride(from: 0, to: count, by: size).map {
        Piece(tensor: tensor, scalars: $0..<min(count, $0 + size))
      }
    }
  }
}

/// Calls `body` for all pieces of tensors of these `counts`, on several threads.
func parallelPieces(
  of counts: [Int], file: StaticString = #fileID, function: StaticString = #function,
  _ body: (Piece) -> Void
) {
  let pieces = Piece.all(of: counts)
  parallelFor(pieces.count, file: file, function: function) { body(pieces[$0]) }
}

extension [Tensor] {
  /// The sum of the squares of all scalars of all tensors, in double precision and a fixed order.
  package var sumOfSquares: Double {
    let pieces = Piece.all(of: map(\.shape.count))
    return [Double](unsafeUninitializedCapacity: pieces.count) { sums, initialized in
      let target = sums
      parallelFor(pieces.count) { index in
        let piece = pieces[index]
        let x = self[piece.tensor].pointer + piece.scalars.lowerBound
        target.initializeElement(at: index, to: sumOfProducts(x, x, count: piece.scalars.count))
      }
      initialized = pieces.count
    }.reduce(0, +)
  }

  /// Multiplies every scalar of every tensor by `factor` in place.
  package mutating func scale(by factor: Scalar) {
    let targets = indices.map { self[$0].mutablePointer }
    parallelPieces(of: map(\.shape.count)) { piece in
      let x = targets[piece.tensor] + piece.scalars.lowerBound
      Tensors.scale(UnsafePointer(x), by: factor, into: x, count: piece.scalars.count)
    }
  }
}

extension Naive {
  /// The twin of `[Tensor].sumOfSquares`.
  package static func sumOfSquares(_ tensors: [Tensor]) -> Double {
    tensors.flatMap(\.scalars).reduce(0) { $0 + Double($1) * Double($1) }
  }
}
