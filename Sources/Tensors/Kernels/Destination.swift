/// Where a convolution kernel writes its outputs.
struct Destination {
  /// The first output of the image.
  let base: UnsafeMutablePointer<Scalar>
  /// Outputs become 0 where this map of the same layout is not positive: the derivative of a ReLU.
  var mask: UnsafePointer<Scalar>?
  /// Outputs are added to what is there.
  var accumulates = false

  /// Writes the first `valid` lanes, at most sixteen.
  @inline(__always) func write(_ v: Vector, _ offset: Int, valid: Int) {
    var v = v
    if let mask { v = keeping(v, wherePositive: load(mask + offset)) }
    if accumulates { v = add(v, load(base + offset)) }
    store(v, base + offset, count: valid)
  }
}
