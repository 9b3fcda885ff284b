import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A cache of freed buffers, so that a search allocates nothing once it runs steadily.
///
/// The first touch of fresh pages costs more than most kernels; a buffer that comes back is warm.
/// The pool is shared by the whole process and is, with the threads, its only shared mutable state:
/// no result depends on it, because a buffer's old contents are never read.
public final class StoragePool: Sendable {
  /// The pool of the process.
  public static let shared = StoragePool()

  private struct Buffer: @unchecked Sendable {
    let base: UnsafeMutablePointer<Scalar>
  }

  /// The freed buffers of each size class.
  private let cached = Mutex([[Buffer]](repeating: [], count: 8 * Int.bitWidth))
  /// What ends the process when there is no more memory.
  private let exhaustion = Mutex<@Sendable (Int) -> Never> { bytes in
    preconditionFailure("the system gives no memory for a tensor of \(bytes) bytes")
  }

  /// A buffer of at least `count` scalars, contents undefined, aligned to 64 bytes.
  func take(count: Int) -> (base: UnsafeMutablePointer<Scalar>, capacity: Int) {
    let capacity = Self.capacity(for: count)
    let buffer = cached.withLock { $0[Self.sizeClass(capacity)].popLast() }
    let base = buffer?.base ?? allocate(capacity)
    #if DEBUG
      // A kernel that reads what it has not written, or forgets to write, shows in every test.
      base.update(repeating: .nan, count: capacity)
    #endif
    return (base, capacity)
  }

  /// Returns a buffer that `take` gave.
  func giveBack(_ base: UnsafeMutablePointer<Scalar>, capacity: Int) {
    let buffer = Buffer(base: base)
    cached.withLock { $0[Self.sizeClass(capacity)].append(buffer) }
  }

  /// Gives all freed buffers back to the system, for work of other sizes that follows.
  public func releaseFreed() {
    let buffers = cached.withLock { cached in
      defer { for place in cached.indices { cached[place] = [] } }
      return cached.flatMap { $0 }
    }
    for buffer in buffers { free(buffer.base) }
  }

  /// Sets what ends the process when the system gives no memory for a tensor, even after all freed buffers are released.
  ///
  /// A kernel cannot go on without its result, so that no error can be thrown. `action` gets the bytes that were wanted;
  /// it is called once, on whichever thread wanted them. Without it the process traps.
  public func onExhaustion(_ action: @escaping @Sendable (_ bytes: Int) -> Never) {
    exhaustion.withLock { $0 = action }
  }

  /// The bytes of addresses that tensors leave to everything else, 32 MiB.
  public static let reserveBytes = 1 << 25

  /// The bytes that a tensor of `count` scalars holds.
  package static func bytes(count: Int) -> Int {
    capacity(for: count) * MemoryLayout<Scalar>.size
  }

  /// The size class of `count` scalars: eight classes between powers of two, and a vector of slack.
  ///
  /// The slack lets a kernel load a whole vector at the end of a buffer.
  static func capacity(for count: Int) -> Int {
    let needed = max(count, 64)
    let step = max(64, 1 << (Int.bitWidth - 4 - needed.leadingZeroBitCount))
    return (needed + step - 1) / step * step + lanes
  }

  /// The place of a `capacity` among all size classes: its power of two, and which eighth above it.
  static func sizeClass(_ capacity: Int) -> Int {
    let count = capacity - lanes
    let exponent = Int.bitWidth - 1 - count.leadingZeroBitCount
    return 8 * exponent + (count >> (exponent - 3)) & 7
  }

  private func allocate(_ capacity: Int) -> UnsafeMutablePointer<Scalar> {
    let bytes = capacity * MemoryLayout<Scalar>.size
    if let buffer = Self.requested(bytes) { return buffer }
    releaseFreed()
    if let buffer = Self.requested(bytes) { return buffer }
    // The lock is kept: another thread that finds no memory either waits for the end.
    return exhaustion.withLock { $0(bytes) }
  }

  /// Fresh memory from the system; nil if it has none, or hardly more than that.
  private static func requested(_ bytes: Int) -> UnsafeMutablePointer<Scalar>? {
    let hugePage = 2 << 20
    var raw: UnsafeMutableRawPointer?
    guard posix_memalign(&raw, bytes >= hugePage ? hugePage : 64, bytes) == 0, let raw else {
      return nil
    }
    guard hasReserve() else {
      free(raw)
      return nil
    }
    #if os(Linux)
      // Large pages cut the cost of the first touch by ten.
      if bytes >= hugePage { _ = madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    return raw.bindMemory(to: Scalar.self, capacity: bytes / MemoryLayout<Scalar>.size)
  }

  /// Whether there are addresses left for all that is no tensor, such as texts and files that are written.
  ///
  /// Swift traps without them.
  private static func hasReserve() -> Bool {
    let reserve = mmap(nil, reserveBytes, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0)
    guard let reserve, reserve != MAP_FAILED else { return false }
    return munmap(reserve, reserveBytes) == 0
  }
}

/// The memory of a tensor: taken from the pool, given back when the last owner goes.
///
/// Sendable without a check by the compiler: a tensor writes only while it is the only owner, and a parallel loop
/// writes disjoint parts.
final class Storage: @unchecked Sendable {
  let base: UnsafeMutablePointer<Scalar>
  private let capacity: Int
  private let meter: StorageMeter?
  /// What `meter` counts this as.
  private let meteredBytes: Int

  /// Memory for `count` scalars, contents undefined.
  init(count: Int) {
    meter = StorageMeter.current
    meteredBytes = meter?.add(scalars: count) ?? 0
    (base, capacity) = StoragePool.shared.take(count: count)
  }

  /// Memory for `count` scalars, all 0.
  convenience init(zeros count: Int) {
    self.init(count: count)
    base.update(repeating: 0, count: count)
  }

  deinit {
    meter?.remove(bytes: meteredBytes)
    StoragePool.shared.giveBack(base, capacity: capacity)
  }
}
