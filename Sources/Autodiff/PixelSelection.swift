import Tensors

/// The pixels where some rows and columns meet: x [N, H, W, C], result [N, rows.count, columns.count, C].
public func selectPixels(_ x: Variable, rows: [Int], columns: [Int]) -> Variable {
  let shape = x.shape
  let pixels = selectedPixels(shape, rows, columns)
  var y = Tensor.zeros([shape.images, rows.count, columns.count, shape.channels])
  for (to, from) in pixels.enumerated() { y.addPixel(to, pixel: from, of: x.value) }
  return .result(of: "selectPixels", [x], y) { [x = x.slot] g, gradients in
    var share = Tensor.zeros(shape)
    for (from, to) in pixels.enumerated() { share.addPixel(to, pixel: from, of: g) }
    gradients.add(share, to: x)
  }
}

/// For every pixel of the result the one it is taken from; pixels are counted through all images.
private func selectedPixels(_ shape: Shape, _ rows: [Int], _ columns: [Int]) -> [Int] {
  precondition(
    rows.allSatisfy { 0..<shape.height ~= $0 } && columns.allSatisfy { 0..<shape.width ~= $0 },
    "rows \(rows) or columns \(columns) are not all inside \(shape)")
  return (0..<shape.images).flatMap { n in
    rows.flatMap { row in columns.map { (n * shape.height + row) * shape.width + $0 } }
  }
}

extension Tensor {
  /// Adds the channels of pixel `source` of `other` to pixel `target` of this map.
  fileprivate mutating func addPixel(_ target: Int, pixel source: Int, of other: Tensor) {
    let channels = shape.channels
    withMutableScalars { sums in
      other.withScalars { scalars in
        for c in 0..<channels { sums[target * channels + c] += scalars[source * channels + c] }
      }
    }
  }
}
