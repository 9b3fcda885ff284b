/// Where a convolution kernel writes its outputs.
struct Destination {
  /// The first output of the image.
  let base: UnsafeMutablePointer<Scalar>
  /// Outputs become 0 where maskScale mask + maskShift is not positive: the derivative of a ReLU.
  ///
  /// A map of the layout of the outputs.
  var mask: UnsafePointer<Scalar>?
  /// A normalization between the mask and the ReLU, for sixteen channels.
  var maskScale = splat(1)
  var maskShift = Vector.zero
  /// Outputs are added to what is there.
  var accumulates = false

  /// Writes the first `valid` lanes, at most sixteen.
  @inline(__always) func write(_ v: Vector, _ offset: Int, valid: Int) {
    var v = v
    if let mask {
      var z = maskShift
      addProduct(&z, load(mask + offset), maskScale)
      v = keeping(v, wherePositive: z)
    }
    if accumulates { v = add(v, load(base + offset)) }
    store(v, base + offset, count: valid)
  }

  /// Writes the first `rows` rows of a tile, `stride` apart from `offset` on.
  @inline(__always) func write(
    _ tile: Column, _ offset: Int, stride: Int, rows: Int, valid: Int
  ) {
    if rows == Column.rows && valid >= lanes {
      tile.forEachRow(stride: stride, count: Column.rows) { write($0, offset + $1, valid: lanes) }
    } else {
      tile.forEachRow(stride: stride, count: rows) { write($0, offset + $1, valid: valid) }
    }
  }
}
