import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How many threads the kernels use.
///
/// No result depends on it: work is cut by shape alone, and partial sums are added in a fixed order.
public enum Threads {
  /// The number of processors of this machine.
  public static let available = max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))

  /// The most threads used by what runs inside `$limit.withValue`; nil means `available`.
  @TaskLocal public static var limit: Int?

  /// The number of threads in use here.
  public static var current: Int { max(1, limit ?? available) }

  /// Starts so many threads, the caller's among them, and returns how many there are then: at least one, and fewer
  /// than wanted if the system gives no more.
  public static func start(_ wanted: Int) -> Int { ThreadPool.shared.start(wanted) }
}

/// Runs `body` for every index in `0 ..< count`, on several threads, and returns when all are done.
///
/// Calls may run at the same time and in any order, so `body` must write disjoint memory. Inside
/// `body`, and while another caller holds the threads, this is an ordinary loop. `file` and `function`
/// name the loop in a `KernelProfile`; a helper that wraps the loop passes on its caller's.
package func parallelFor(
  _ count: Int, file: StaticString = #fileID, function: StaticString = #function,
  _ body: (Int) -> Void
) {
  guard let profile = KernelProfile.current else { return shareOut(count, body) }
  profile.record(file: file, function: function) { shareOut(count, body) }
}

private func shareOut(_ count: Int, _ body: (Int) -> Void) {
  let threads = min(Threads.current, count)
  guard threads > 1, ThreadPool.shared.run(count, threads: threads, body) else {
    for index in 0..<count { body(index) }
    return
  }
}

/// Runs `body` for consecutive ranges that cover `0 ..< count`, each of `size` indices or the rest.
func parallelRanges(
  _ count: Int, size: Int, file: StaticString = #fileID, function: StaticString = #function,
  _ body: (Range<Int>) -> Void
) {
  parallelFor((count + size - 1) / size, file: file, function: function) { chunk in
    body(chunk * size..<min(count, (chunk + 1) * size))
  }
}

/// A few threads that wait for loops to share with their caller.
///
/// A worker spins for about 2 ms before it sleeps: kernels follow each other within microseconds,
/// and waking a sleeper costs more than many of them.
final class ThreadPool: @unchecked Sendable {
  static let shared = ThreadPool()

  /// How long a worker spins before it sleeps.
  private static let patience = Duration.milliseconds(2)
  /// The value of `seats` between loops: nobody may enter.
  private static let closed = -1

  // The loop at hand: written by the caller while the seats are closed, read by workers that took one.
  private var body: (Int) -> Void = { _ in }
  private var count = 0
  private var workers = 0
  /// Whether the system gives no more of them; it is not asked again.
  private var isFull = false

  private let busy = Atomic(false)
  private let generation = Atomic(0)
  private let next = Atomic(0)
  /// Free seats for workers in the loop at hand.
  private let seats = Atomic(ThreadPool.closed)
  private let sleepers = Atomic(0)
  private let gate = Gate()

  /// Shares the loop with up to `threads - 1` workers; false, with nothing run, if in use already.
  func run(_ count: Int, threads: Int, _ body: (Int) -> Void) -> Bool {
    guard !busy.exchange(true, ordering: .acquiring) else { return false }
    defer { busy.store(false, ordering: .releasing) }
    startWorkers(upTo: threads - 1)
    let helpers = min(threads - 1, workers)
    withoutActuallyEscaping(body) { body in
      self.body = body
      self.count = count
      next.store(0, ordering: .relaxed)
      seats.store(helpers, ordering: .releasing)
      generation.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { gate.open() }
      takeItems()
      close(allSeats: helpers)
      self.body = { _ in }
    }
    return true
  }

  /// Starts threads between loops; `wanted` counts that of the caller.
  func start(_ wanted: Int) -> Int {
    // While a loop runs, its threads are all that is known.
    guard !busy.exchange(true, ordering: .acquiring) else { return max(1, wanted) }
    defer { busy.store(false, ordering: .releasing) }
    startWorkers(upTo: wanted - 1)
    return min(max(1, wanted), workers + 1)
  }

  private func startWorkers(upTo wanted: Int) {
    while workers < wanted, !isFull {
      if startThread({ [unowned self] in work() }) { workers += 1 } else { isFull = true }
    }
  }

  /// Waits until all seats are free again, and lets no late worker take one.
  private func close(allSeats: Int) {
    var spins = 0
    while !seats.compareExchange(
      expected: allSeats, desired: Self.closed, ordering: .acquiringAndReleasing
    ).exchanged { pause(&spins) }
  }

  private func takeItems() {
    // Kept here, so that threads do not count references to one context item by item.
    let (body, count) = (body, count)
    while true {
      let item = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard item < count else { return }
      body(item)
    }
  }

  private func work() {
    var seen = 0
    while true {
      seen = waitForNextLoop(after: seen)
      guard takeSeat() else { continue }
      takeItems()
      seats.wrappingAdd(1, ordering: .releasing)
    }
  }

  /// True if the loop at hand is open and had a seat left.
  private func takeSeat() -> Bool {
    var free = seats.load(ordering: .acquiring)
    while free > 0 {
      let (taken, found) = seats.compareExchange(
        expected: free, desired: free - 1, ordering: .acquiringAndReleasing)
      if taken { return true }
      free = found
    }
    return false
  }

  private func waitForNextLoop(after seen: Int) -> Int {
    let clock = ContinuousClock()
    let deadline = clock.now + Self.patience
    var spins = 0
    repeat {
      for _ in 0..<1000 {
        let current = generation.load(ordering: .acquiring)
        if current != seen { return current }
        pause(&spins)
      }
    } while clock.now < deadline
    sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
    defer { sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent) }
    gate.wait { generation.load(ordering: .sequentiallyConsistent) == seen }
    return generation.load(ordering: .acquiring)
  }

  /// One turn of a spinning wait; now and then the processor is offered to others.
  private func pause(_ spins: inout Int) {
    spins += 1
    if spins % 1000 == 0 { sched_yield() }
  }
}

/// A place to sleep until it is opened.
private final class Gate: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Wakes all who wait.
  func open() {
    pthread_mutex_lock(mutex)
    pthread_cond_broadcast(condition)
    pthread_mutex_unlock(mutex)
  }

  /// Sleeps while `mustWait()`; it is asked under the lock, so that no opening is missed.
  func wait(while mustWait: () -> Bool) {
    pthread_mutex_lock(mutex)
    while mustWait() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }
}

/// Starts a detached thread that runs `body`; false if the system gives none.
private func startThread(_ body: @escaping @Sendable () -> Void) -> Bool {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
  }
  let box = Unmanaged.passRetained(Box(body))
  let argument = box.toOpaque()
  #if canImport(Darwin)
    var thread: pthread_t?
    let result = pthread_create(&thread, nil, { run($0) }, argument)
    if let thread { pthread_detach(thread) }
  #else
    var thread = pthread_t()
    let result = pthread_create(&thread, nil, { run($0) }, argument)
    if result == 0 { pthread_detach(thread) }
  #endif
  if result != 0 { box.release() }
  return result == 0
}
