/// An array of scalars with a shape, row-major: the last axis varies fastest.
///
/// A value: a copy never changes when the original does. Copies share memory until one is written.
///
///     let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
///     x[0, 0, 1, 0]  // 3
public struct Tensor: Sendable {
  /// The extents of the axes.
  public let shape: Shape

  private var storage: Storage

  /// A tensor whose contents are still undefined; the kernel that asks for it writes all of them.
  package init(uninitialized shape: Shape) {
    self.shape = shape
    storage = Storage(count: shape.count)
  }

  /// Creates a tensor from its scalars in row-major order.
  public init(_ scalars: [Scalar], shape: Shape) {
    precondition(
      scalars.count == shape.count,
      "shape \(shape) holds \(shape.count) scalars, found \(scalars.count)")
    self.init(uninitialized: shape)
    scalars.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { storage.base.update(from: base, count: shape.count) }
    }
  }

  /// Creates a vector [numbers.count] of numbers computed in double precision.
  public init(vector numbers: [Double]) {
    self.init(numbers.map { Scalar($0) }, shape: [numbers.count])
  }

  /// Creates a tensor with every scalar equal to `value`.
  public init(repeating value: Scalar, shape: Shape) {
    self.init(uninitialized: shape)
    storage.base.update(repeating: value, count: shape.count)
  }

  /// Creates a tensor of rank 0 that holds one number.
  public init(_ value: Scalar) { self.init(repeating: value, shape: []) }

  /// Creates a tensor of zeros.
  public static func zeros(_ shape: Shape) -> Tensor { Tensor(repeating: 0, shape: shape) }

  /// Whether both are the same memory, so surely equal.
  package func sharesStorage(with other: Tensor) -> Bool { storage === other.storage }

  /// The scalars in row-major order, as a copy.
  public var scalars: [Scalar] { withScalars(Array.init) }

  /// The scalars in row-major order, in double precision.
  public var doubles: [Double] { withScalars { $0.map { Double($0) } } }

  /// The only scalar of a tensor that holds one.
  public var item: Scalar {
    precondition(shape.count == 1, "item needs a tensor of one scalar, found shape \(shape)")
    return withExtendedLifetime(storage) { storage.base[0] }
  }

  /// The scalar at `index` in row-major order.
  public subscript(index: Int) -> Scalar {
    get {
      precondition(index >= 0 && index < shape.count, "index \(index) outside shape \(shape)")
      return withExtendedLifetime(storage) { storage.base[index] }
    }
    set {
      precondition(index >= 0 && index < shape.count, "index \(index) outside shape \(shape)")
      withMutableScalars { $0[index] = newValue }
    }
  }

  /// The scalar at image `n`, row `h`, column `w`, channel `c` of a feature map.
  public subscript(n: Int, h: Int, w: Int, c: Int) -> Scalar {
    get { self[flatIndex(n, h, w, c)] }
    set { self[flatIndex(n, h, w, c)] = newValue }
  }

  private func flatIndex(_ n: Int, _ h: Int, _ w: Int, _ c: Int) -> Int {
    precondition(
      0..<shape.images ~= n && 0..<shape.height ~= h && 0..<shape.width ~= w
        && 0..<shape.channels ~= c, "index (\(n), \(h), \(w), \(c)) outside shape \(shape)")
    return ((n * shape.height + h) * shape.width + w) * shape.channels + c
  }

  /// Reads the scalars in place.
  public func withScalars<Result>(
    _ body: (UnsafeBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(storage) {
      try body(UnsafeBufferPointer(start: storage.base, count: shape.count))
    }
  }

  /// Changes the scalars in place; memory shared with a copy is duplicated first.
  public mutating func withMutableScalars<Result>(
    _ body: (UnsafeMutableBufferPointer<Scalar>) throws -> Result
  ) rethrows -> Result {
    makeUnique()
    return try withExtendedLifetime(storage) {
      try body(UnsafeMutableBufferPointer(start: storage.base, count: shape.count))
    }
  }

  /// The same scalars under another shape of the same count.
  public func reshaped(to shape: Shape) -> Tensor {
    precondition(
      shape.count == self.shape.count,
      "\(self.shape) has \(self.shape.count) scalars and cannot become \(shape)")
    return Tensor(shape: shape, storage: storage)
  }

  private init(shape: Shape, storage: Storage) {
    self.shape = shape
    self.storage = storage
  }

  private mutating func makeUnique() {
    guard !isKnownUniquelyReferenced(&storage) else { return }
    let copy = Storage(count: shape.count)
    copy.base.update(from: storage.base, count: shape.count)
    storage = copy
  }
}

// Kernels work on pointers. A pointer is valid while the tensor it came from lives, so a kernel holds
// its tensors as parameters or results to its end, and other storage by `withExtendedLifetime`.
//
// A load may run over into the next image or into the slack after a buffer; such lanes are never stored.
extension Tensor {
  /// Where the scalars are; only to be read.
  var pointer: UnsafePointer<Scalar> { UnsafePointer(storage.base) }

  /// Where the scalars are, with memory of this tensor's own.
  var mutablePointer: UnsafeMutablePointer<Scalar> {
    mutating get {
      makeUnique()
      return storage.base
    }
  }
}

extension Tensor: Equatable {
  /// Whether shapes and all scalars are equal.
  public static func == (a: Tensor, b: Tensor) -> Bool {
    a.shape == b.shape && a.withScalars { a in b.withScalars { b in a.elementsEqual(b) } }
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and the first scalars, for example `[2, 3]: 1.0 2.0 3.0 ...`.
  public var description: String {
    let shown = withScalars { $0.prefix(8).map { "\($0)" }.joined(separator: " ") }
    return "\(shape): \(shown)\(shape.count > 8 ? " ..." : "")"
  }
}
