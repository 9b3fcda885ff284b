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

  /// The freed buffers, by capacity.
  private let free = Mutex<[Int: [Buffer]]>([:])

  /// A buffer of at least `count` scalars, contents undefined, aligned to 64 bytes.
  func take(count: Int) -> (base: UnsafeMutablePointer<Scalar>, capacity: Int) {
    let capacity = Self.capacity(for: count)
    let cached = free.withLock { $0[capacity]?.popLast() }
    let base = cached?.base ?? Self.allocate(capacity)
    #if DEBUG
      // A kernel that reads what it has not written, or forgets to write, shows in every test.
      base.update(repeating: .nan, count: capacity)
    #endif
    return (base, capacity)
  }

  /// Returns a buffer that `take` gave.
  func giveBack(_ base: UnsafeMutablePointer<Scalar>, capacity: Int) {
    let buffer = Buffer(base: base)
    free.withLock { $0[capacity, default: []].append(buffer) }
  }

  /// Gives all freed buffers back to the system, for work of other sizes that follows.
  public func releaseFreed() {
    let buffers = free.withLock { free in
      defer { free = [:] }
      return free.values.flatMap { $0 }
    }
    for buffer in buffers { UnsafeMutableRawPointer(buffer.base).deallocate() }
  }

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

  private static func allocate(_ capacity: Int) -> UnsafeMutablePointer<Scalar> {
    let bytes = capacity * MemoryLayout<Scalar>.size
    let hugePage = 2 << 20
    let alignment = bytes >= hugePage ? hugePage : 64
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: alignment)
    #if os(Linux)
      // Large pages cut the cost of the first touch by ten.
      if bytes >= hugePage { _ = madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    return raw.bindMemory(to: Scalar.self, capacity: capacity)
  }
}

/// The memory of a tensor: taken from the pool, given back when the last owner goes.
///
/// Sendable on a promise: a tensor writes only while it is the only owner, and a parallel loop writes
/// disjoint parts.
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
