// All SIMD of the project goes through this file.
//
// The operators of `SIMD16` are element loops in the standard library. The optimizer usually turns
// them back into vector instructions, but at a high cost in compile time, and not always. `Builtin`
// gives one LLVM instruction an operation; the `#else` branch keeps the source valid without it.

#if hasFeature(BuiltinModule)
  import Builtin
#endif

/// Sixteen scalars: one channel block, one AVX-512 register in single precision.
typealias Vector = SIMD16<Scalar>

/// The number of scalars in a `Vector`.
@inline(__always) var lanes: Int { 16 }

/// Blocks of sixteen channels that hold `channels` channels.
@inline(__always) func blocks(of channels: Int) -> Int { (channels + lanes - 1) / lanes }

/// Reads sixteen scalars; `p` needs no alignment.
@inline(__always) func load(_ p: UnsafePointer<Scalar>) -> Vector {
  UnsafeRawPointer(p).loadUnaligned(as: Vector.self)
}

/// Reads the first `count` scalars of sixteen; the others are 0.
@inline(__always) func load(_ p: UnsafePointer<Scalar>, count: Int) -> Vector {
  if count >= lanes { return load(p) }
  var v = Vector.zero
  for i in 0..<count { v[i] = p[i] }
  return v
}

/// Reads eight scalars as numbers of double precision.
@inline(__always) func eightDoubles(_ p: UnsafePointer<Scalar>) -> SIMD8<Double> {
  var v = SIMD8<Double>.zero
  for i in 0..<8 { v[i] = Double(p[i]) }
  return v
}

extension [Double] {
  /// Writes eight numbers from `index` on, or as many of them as there is room for.
  mutating func write(_ eight: SIMD8<Double>, at index: Int) {
    for i in 0..<Swift.min(8, count - index) { self[index + i] = eight[i] }
  }
}

/// Writes sixteen scalars; `p` needs no alignment.
@inline(__always) func store(_ v: Vector, _ p: UnsafeMutablePointer<Scalar>) {
  UnsafeMutableRawPointer(p).storeBytes(of: v, as: Vector.self)
}

/// Writes the first `count` scalars of `v`, at most sixteen.
@inline(__always) func store(_ v: Vector, _ p: UnsafeMutablePointer<Scalar>, count: Int) {
  if count >= lanes { return store(v, p) }
  for i in 0..<count { p[i] = v[i] }
}

/// All sixteen lanes equal to `x`.
@inline(__always) func splat(_ x: Scalar) -> Vector { Vector(repeating: x) }

#if hasFeature(BuiltinModule) && !DoublePrecision

  /// `a += b * c`, fused where the target has FMA.
  @inline(__always) func addProduct(_ a: inout Vector, _ b: Vector, _ c: Vector) {
    a._storage._value = Builtin.int_fmuladd_Vec16xFPIEEE32(
      b._storage._value, c._storage._value, a._storage._value)
  }

  /// `a + b`.
  @inline(__always) func add(_ a: Vector, _ b: Vector) -> Vector {
    var r = a
    r._storage._value = Builtin.fadd_Vec16xFPIEEE32(a._storage._value, b._storage._value)
    return r
  }

  /// `a - b`.
  @inline(__always) func subtract(_ a: Vector, _ b: Vector) -> Vector {
    var r = a
    r._storage._value = Builtin.fsub_Vec16xFPIEEE32(a._storage._value, b._storage._value)
    return r
  }

  /// `a * b`.
  @inline(__always) func multiply(_ a: Vector, _ b: Vector) -> Vector {
    var r = a
    r._storage._value = Builtin.fmul_Vec16xFPIEEE32(a._storage._value, b._storage._value)
    return r
  }

  /// `a < b ? x : y`, lane by lane; a comparison with NaN is false.
  @inline(__always)
  func selectLess(_ a: Vector, _ b: Vector, _ x: Vector, _ y: Vector) -> Vector {
    var r = x
    r._storage._value = Builtin.select_Vec16xInt1_Vec16xFPIEEE32(
      Builtin.fcmp_olt_Vec16xFPIEEE32(a._storage._value, b._storage._value),
      x._storage._value, y._storage._value)
    return r
  }

  /// `a == b ? x : y`, lane by lane; a comparison with NaN is false.
  @inline(__always)
  func selectEqual(_ a: Vector, _ b: Vector, _ x: Vector, _ y: Vector) -> Vector {
    var r = x
    r._storage._value = Builtin.select_Vec16xInt1_Vec16xFPIEEE32(
      Builtin.fcmp_oeq_Vec16xFPIEEE32(a._storage._value, b._storage._value),
      x._storage._value, y._storage._value)
    return r
  }

#else

  /// `a += b * c`.
  @inline(__always) func addProduct(_ a: inout Vector, _ b: Vector, _ c: Vector) {
    #if arch(arm64)
      a.addProduct(b, c)
    #else
      a += b * c  // addProduct without FMA in the target is a library call a lane
    #endif
  }

  /// `a + b`.
  @inline(__always) func add(_ a: Vector, _ b: Vector) -> Vector { a + b }

  /// `a - b`.
  @inline(__always) func subtract(_ a: Vector, _ b: Vector) -> Vector { a - b }

  /// `a * b`.
  @inline(__always) func multiply(_ a: Vector, _ b: Vector) -> Vector { a * b }

  /// `a < b ? x : y`, lane by lane; a comparison with NaN is false.
  @inline(__always)
  func selectLess(_ a: Vector, _ b: Vector, _ x: Vector, _ y: Vector) -> Vector {
    y.replacing(with: x, where: a .< b)
  }

  /// `a == b ? x : y`, lane by lane; a comparison with NaN is false.
  @inline(__always)
  func selectEqual(_ a: Vector, _ b: Vector, _ x: Vector, _ y: Vector) -> Vector {
    y.replacing(with: x, where: a .== b)
  }

#endif

/// `max(v, 0)`; NaN stays NaN, so that a broken run shows.
@inline(__always) func relu(_ v: Vector) -> Vector { selectLess(v, .zero, .zero, v) }

/// `v` where `mask > 0`, 0 elsewhere: the derivative of `relu` applied to `v`.
@inline(__always) func keeping(_ v: Vector, wherePositive mask: Vector) -> Vector {
  selectLess(.zero, mask, v, .zero)
}

/// The sum of the lanes, in a fixed order.
@inline(never) func sum(_ v: Vector) -> Scalar {
  var total: Scalar = 0
  for i in 0..<lanes { total += v[i] }
  return total
}
