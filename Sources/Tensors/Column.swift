// The accumulators of the register-tiled kernels: several vectors, named one by one so that each
// stays in a register. Rows are pixels (or input channels), lanes are output channels.

/// Distances from a common base pointer to the rows of a `Quad`.
struct RowOffsets {
  let r0: Int
  let r1: Int
  let r2: Int
  let r3: Int

  /// Rows `first ..< first + 4` at multiples of `stride`.
  ///
  /// Rows from `count` on repeat the last one: they are computed and never written,
  /// so that a kernel needs no second version for the remainder.
  @inline(__always) init(stride: Int, count: Int, first: Int = 0) {
    let last = count - 1
    r0 = min(first, last) * stride
    r1 = min(first + 1, last) * stride
    r2 = min(first + 2, last) * stride
    r3 = min(first + 3, last) * stride
  }
}

/// Four vectors.
struct Quad {
  typealias Offsets = RowOffsets
  static var rows: Int { 4 }

  var v0 = Vector.zero
  var v1 = Vector.zero
  var v2 = Vector.zero
  var v3 = Vector.zero

  @inline(__always) init() {}

  /// Row r: sixteen copies of `p[offset r]`.
  @inline(__always) init(broadcasting p: UnsafePointer<Scalar>, _ o: RowOffsets) {
    v0 = splat(p[o.r0])
    v1 = splat(p[o.r1])
    v2 = splat(p[o.r2])
    v3 = splat(p[o.r3])
  }

  /// Row r: sixteen scalars from `p + offset r`.
  @inline(__always) init(loading p: UnsafePointer<Scalar>, _ o: RowOffsets) {
    v0 = load(p + o.r0)
    v1 = load(p + o.r1)
    v2 = load(p + o.r2)
    v3 = load(p + o.r3)
  }

  /// Row r += row r of `x` times `w`.
  @inline(__always) mutating func addProduct(_ x: Quad, _ w: Vector) {
    Tensors.addProduct(&v0, x.v0, w)
    Tensors.addProduct(&v1, x.v1, w)
    Tensors.addProduct(&v2, x.v2, w)
    Tensors.addProduct(&v3, x.v3, w)
  }

  /// Moves every row up by one, off the first, and puts `v` into the last; returns the first.
  @inline(__always) @discardableResult mutating func append(_ v: Vector) -> Vector {
    let first = v0
    (v0, v1, v2, v3) = (v1, v2, v3, v)
    return first
  }

  /// The sum over the rows of row r times row r of `x`; two chains, to hide the latency.
  @inline(__always) func dot(_ x: Quad) -> Vector {
    var even = multiply(v0, x.v0)
    var odd = multiply(v1, x.v1)
    Tensors.addProduct(&even, v2, x.v2)
    Tensors.addProduct(&odd, v3, x.v3)
    return add(even, odd)
  }

  /// Sets the rows from `count - first` on to zero.
  @inline(__always) mutating func clearRows(from count: Int, first: Int = 0) {
    if count <= first { v0 = .zero }
    if count <= first + 1 { v1 = .zero }
    if count <= first + 2 { v2 = .zero }
    if count <= first + 3 { v3 = .zero }
  }

  /// Calls `write` with the first `count - first` rows and their distances from the first pixel.
  @inline(__always) func forEachRow(
    stride: Int, count: Int, first: Int = 0, _ write: (Vector, Int) -> Void
  ) {
    if count > first { write(v0, first * stride) }
    if count > first + 1 { write(v1, (first + 1) * stride) }
    if count > first + 2 { write(v2, (first + 2) * stride) }
    if count > first + 3 { write(v3, (first + 3) * stride) }
  }
}

/// Eight vectors: two quads.
struct Octet {
  struct Offsets {
    let low: RowOffsets
    let high: RowOffsets
    @inline(__always) init(stride: Int, count: Int) {
      low = RowOffsets(stride: stride, count: count)
      high = RowOffsets(stride: stride, count: count, first: 4)
    }
  }
  static var rows: Int { 8 }

  var low = Quad()
  var high = Quad()

  @inline(__always) init() {}

  @inline(__always) init(broadcasting p: UnsafePointer<Scalar>, _ o: Offsets) {
    low = Quad(broadcasting: p, o.low)
    high = Quad(broadcasting: p, o.high)
  }

  @inline(__always) init(loading p: UnsafePointer<Scalar>, _ o: Offsets) {
    low = Quad(loading: p, o.low)
    high = Quad(loading: p, o.high)
  }

  @inline(__always) mutating func addProduct(_ x: Octet, _ w: Vector) {
    low.addProduct(x.low, w)
    high.addProduct(x.high, w)
  }

  @inline(__always) mutating func append(_ v: Vector) { low.append(high.append(v)) }

  @inline(__always) func dot(_ x: Octet) -> Vector { add(low.dot(x.low), high.dot(x.high)) }

  @inline(__always) mutating func clearRows(from count: Int) {
    low.clearRows(from: count)
    high.clearRows(from: count, first: 4)
  }

  @inline(__always) func forEachRow(stride: Int, count: Int, _ write: (Vector, Int) -> Void) {
    low.forEachRow(stride: stride, count: count, write)
    high.forEachRow(stride: stride, count: count, first: 4, write)
  }
}

/// Sixteen vectors: two octets.
struct DoubleOctet {
  static var rows: Int { 16 }

  var low = Octet()
  var high = Octet()

  @inline(__always) init() {}

  /// Row r: sixteen copies of `p[r * stride]`.
  @inline(__always) init(broadcasting p: UnsafePointer<Scalar>, stride: Int) {
    let offsets = Octet.Offsets(stride: stride, count: Octet.rows)
    low = Octet(broadcasting: p, offsets)
    high = Octet(broadcasting: p + Octet.rows * stride, offsets)
  }

  /// Row r: sixteen scalars from `p + r * stride`.
  @inline(__always) init(loading p: UnsafePointer<Scalar>, stride: Int) {
    let offsets = Octet.Offsets(stride: stride, count: Octet.rows)
    low = Octet(loading: p, offsets)
    high = Octet(loading: p + Octet.rows * stride, offsets)
  }

  @inline(__always) mutating func addProduct(_ x: DoubleOctet, _ w: Vector) {
    low.addProduct(x.low, w)
    high.addProduct(x.high, w)
  }

  @inline(__always) func forEachRow(stride: Int, _ write: (Vector, Int) -> Void) {
    low.forEachRow(stride: stride, count: Octet.rows, write)
    high.forEachRow(stride: stride, count: Octet.rows) { write($0, Octet.rows * stride + $1) }
  }
}

extension Quad {
  @inline(__always) init(broadcasting p: UnsafePointer<Scalar>, stride: Int) {
    self.init(broadcasting: p, Offsets(stride: stride, count: Self.rows))
  }

  @inline(__always) init(loading p: UnsafePointer<Scalar>, stride: Int) {
    self.init(loading: p, Offsets(stride: stride, count: Self.rows))
  }

  @inline(__always) func forEachRow(stride: Int, _ write: (Vector, Int) -> Void) {
    forEachRow(stride: stride, count: Self.rows, write)
  }
}

// AVX-512 has 32 registers of 16 scalars: 8 rows by 2 vectors, or 16 by 1, fill them well. AVX2, with 16
// registers of 8, and NEON, with 32 of 4, hold 4 rows by 1 vector.
#if TOPONAS_AVX512
  typealias Column = Octet
  /// The rows of a tile that is one vector wide.
  typealias TallColumn = DoubleOctet
#else
  typealias Column = Quad
  /// The rows of a tile that is one vector wide.
  typealias TallColumn = Quad
#endif

/// The number of output vectors a tile of the dense kernels computes at once.
@inline(__always) var vectorsPerTile: Int {
  #if TOPONAS_AVX512
    2
  #else
    1
  #endif
}
