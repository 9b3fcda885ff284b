/// The matrices of Winograd's F(4x4, 3x3), as `Winograd` spells them in instructions.
package struct WinogradMatrices: Sendable {
  /// B^T, 6 x 6.
  package var input: [[Double]]
  /// G, 6 x 3.
  package var kernel: [[Double]]
  /// A^T, 4 x 6.
  package var output: [[Double]]

  /// The matrices of the algorithm of Toom and Cook for five points and infinity.
  ///
  /// With p_0, ... p_4 the points and n_j = product over k != j of (p_j - p_k): A^T has p_j^i at (i, j), G has
  /// p_j^i / n_j at (j, i), and row j of B^T the coefficients of the product over k != j of (x - p_k). At infinity, the
  /// last column of A^T and the last row of G have a single 1, and B^T has the product over all k.
  package init(
    points: [Double] = [0, 0.5.squareRoot(), -0.5.squareRoot(), 2.squareRoot(), -2.squareRoot()]
  ) {
    func others(_ j: Int) -> [Double] { points.indices.filter { $0 != j }.map { points[$0] } }
    func powers(_ x: Double, _ count: Int) -> [Double] {
      (1..<count).reduce(into: [1]) { list, _ in list.append(list[list.count - 1] * x) }
    }
    /// The coefficients of the product of (x - root), that of the constant first.
    func coefficients(_ roots: [Double]) -> [Double] {
      roots.reduce([1]) { p, root in zip([0] + p, p + [0]).map { $0 - root * $1 } }
    }
    input = points.indices.map { coefficients(others($0)) + [0] } + [coefficients(points)]
    kernel =
      points.indices.map { j in
        let norm = others(j).reduce(1) { $0 * (points[j] - $1) }
        return powers(points[j], 3).map { $0 / norm }
      } + [[0, 0, 1]]
    output = (points.map { powers($0, 4) } + [[0, 0, 0, 1]]).transposed
  }
}

extension Naive {
  /// The twin of `Convolution.forward` by Winograd.
  ///
  ///     y = A^T [sum over i of (G w G^T) . (B^T x B)] A for each tile
  ///
  /// It computes in double precision. Shapes: x [N, H, W, I], w [O, 3, 3, I], y [N, H, W, O].
  package static func winograd(
    _ x: Tensor, _ w: Tensor, _ matrices: WinogradMatrices = .init()
  ) -> [Double] {
    let (bT, g, aT) = (matrices.input, matrices.kernel, matrices.output)
    let (height, width, outputs) = (x.shape.height, x.shape.width, w.shape[0])
    var y = [Double](repeating: 0, count: x.shape.pixels * outputs)
    forEachTile(x.shape) { n, row, column in
      for o in 0..<outputs {
        let products = (0..<x.shape.channels).map { i in
          w.pixels(o, 0, 0, i, 3).between(g)
            .times(x.pixels(n, row - 1, column - 1, i, 6).between(bT))
        }
        let tile = products.sum.between(aT)
        for (i, j) in pairs(4, 4) where row + i < height && column + j < width {
          y[((n * height + row + i) * width + column + j) * outputs + o] = tile[i][j]
        }
      }
    }
    return y
  }

  /// The twin of `Convolution.weightGradient` by Winograd.
  ///
  ///     dw = G^T [sum over tiles of (B^T x B) . (A dy A^T)] G
  package static func winogradWeightGradient(
    _ x: Tensor, _ dy: Tensor, _ matrices: WinogradMatrices = .init()
  ) -> [Double] {
    let (bT, g, aT) = (matrices.input, matrices.kernel, matrices.output)
    let (inputs, outputs) = (x.shape.channels, dy.shape.channels)
    var dw = [Double](repeating: 0, count: outputs * 9 * inputs)
    for (o, i) in pairs(outputs, inputs) {
      var products: [[[Double]]] = []
      forEachTile(x.shape) { n, row, column in
        products.append(
          x.pixels(n, row - 1, column - 1, i, 6).between(bT)
            .times(dy.pixels(n, row, column, o, 4).between(aT.transposed)))
      }
      let kernel = products.sum.between(g.transposed)
      for (r, s) in pairs(3, 3) { dw[((o * 3 + r) * 3 + s) * inputs + i] = kernel[r][s] }
    }
    return dw
  }

  private static func forEachTile(_ x: Shape, _ body: (Int, Int, Int) -> Void) {
    for n in 0..<x.images {
      for row in stride(from: 0, to: x.height, by: 4) {
        for column in stride(from: 0, to: x.width, by: 4) { body(n, row, column) }
      }
    }
  }

  private static func pairs(_ rows: Int, _ columns: Int) -> [(Int, Int)] {
    (0..<rows).flatMap { i in (0..<columns).map { (i, $0) } }
  }
}

extension Tensor {
  /// A square of pixels of one channel; 0 outside of the image.
  fileprivate func pixels(
    _ n: Int, _ row: Int, _ column: Int, _ channel: Int, _ extent: Int
  ) -> [[Double]] {
    (row..<row + extent).map { i in
      (column..<column + extent).map { j in
        guard 0..<shape.height ~= i, 0..<shape.width ~= j else { return 0 }
        return Double(self[((n * shape.height + i) * shape.width + j) * shape.channels + channel])
      }
    }
  }
}

// MARK: Matrices, for the twin alone

extension [[Double]] {
  package var transposed: [[Double]] { self[0].indices.map { j in map { $0[j] } } }

  /// L M L^T, for this matrix M.
  package func between(_ left: [[Double]]) -> [[Double]] {
    left.product(self).product(left.transposed)
  }

  private func product(_ other: [[Double]]) -> [[Double]] {
    let columns = other.transposed
    return map { row in
      columns.map { column in zip(row, column).reduce(0.0) { $0 + $1.0 * $1.1 } }
    }
  }

  /// The product place by place.
  fileprivate func times(_ other: [[Double]]) -> [[Double]] {
    zip(self, other).map { zip($0, $1).map { $0 * $1 } }
  }
}

extension [[[Double]]] {
  /// The sum of matrices.
  fileprivate var sum: [[Double]] {
    dropFirst().reduce(self[0]) { zip($0, $1).map { zip($0, $1).map { $0 + $1 } } }
  }
}
