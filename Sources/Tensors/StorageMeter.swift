import Synchronization

/// A count of the bytes that tensors hold: now, and at most so far.
///
///     let meter = StorageMeter()
///     let y = StorageMeter.$current.withValue(meter) { f(x) }
///     meter.peakBytes
///
/// A tensor that is made where the meter is current counts until its memory is freed, wherever that happens; one that
/// was made before does not count. The buffers in which the other threads of a parallel loop work are not seen: some
/// 100 KB per thread.
///
/// Each buffer counts with what the pool gives for it, at most an eighth more than its scalars take. Without a meter an
/// allocation pays for one look whether there is one.
public final class StorageMeter: Sendable {
  /// The meter that new tensors are counted by; nil is none.
  @TaskLocal public static var current: StorageMeter?

  private let bytesNow = Atomic(0)
  private let mostBytes = Atomic(0)
  private let size: @Sendable (_ scalars: Int) -> Int

  /// Creates a meter that has counted nothing yet.
  public convenience init() { self.init { StoragePool.bytes(count: $0) } }

  /// Creates a meter for which a buffer of so many scalars has the `size` in bytes that is asked for.
  package init(size: @escaping @Sendable (_ scalars: Int) -> Int) { self.size = size }

  /// Bytes that the counted tensors hold now.
  public var bytes: Int { bytesNow.load(ordering: .relaxed) }

  /// The most bytes that the counted tensors held at one time.
  public var peakBytes: Int { mostBytes.load(ordering: .relaxed) }

  /// Counts a buffer in; returns the bytes by which it has to be counted out.
  func add(scalars: Int) -> Int {
    let added = size(scalars)
    let now = bytesNow.wrappingAdd(added, ordering: .relaxed).newValue
    mostBytes.max(now, ordering: .relaxed)
    return added
  }

  /// Counts a buffer out that `add` counted in.
  func remove(bytes: Int) { bytesNow.wrappingSubtract(bytes, ordering: .relaxed) }
}
