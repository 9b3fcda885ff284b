import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
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
  public static var current: Int { max(1, min(limit ?? available, available)) }
}

/// Runs `body` for every index in `0 ..< count`, on several threads, and returns when all are done.
///
/// Calls may run at the same time and in any order, so `body` must write disjoint memory.
/// Inside `body`, and while another caller holds the threads, it is an ordinary loop.
func parallelFor(_ count: Int, _ body: (Int) -> Void) {
  let threads = min(Threads.current, count)
  guard threads > 1, ThreadPool.shared.run(count, threads: threads, body) else {
    for index in 0..<count { body(index) }
    return
  }
}

/// Runs `body` for consecutive ranges that cover `0 ..< count`, each of `size` indices or the rest.
func parallelRanges(_ count: Int, size: Int, _ body: (Range<Int>) -> Void) {
  parallelFor((count + size - 1) / size) { chunk in
    body(chunk * size..<min(count, (chunk + 1) * size))
  }
}

/// A few threads that wait for loops to share with their caller.
///
/// A worker spins for about 2 ms before it sleeps: kernels follow each other within microseconds,
/// and waking a sleeper costs more than many of them.
private final class ThreadPool: @unchecked Sendable {
  static let shared = ThreadPool()

  // The loop at hand: written by the caller before `generation` moves, read by workers after.
  private var body: (Int) -> Void = { _ in }
  private var count = 0
  private var seats = 0

  private let busy = Atomic(false)
  private let generation = Atomic(0)
  private let next = Atomic(0)
  /// Workers inside the loop at hand, or `closed` between loops.
  private let inside = Atomic(ThreadPool.closed)
  private let sleepers = Atomic(0)
  private let gate = Gate()
  private static let closed = Int.min

  private init() {
    for _ in 1..<max(2, Threads.available) { startThread { [unowned self] in self.work() } }
  }

  /// Shares the loop with up to `threads - 1` workers; false, with nothing run, if in use already.
  func run(_ count: Int, threads: Int, _ body: (Int) -> Void) -> Bool {
    guard !busy.exchange(true, ordering: .acquiring) else { return false }
    defer { busy.store(false, ordering: .releasing) }
    withoutActuallyEscaping(body) { body in
      self.body = body
      self.count = count
      seats = threads - 1
      next.store(0, ordering: .relaxed)
      inside.store(0, ordering: .releasing)
      generation.add(1, ordering: .sequentiallyConsistent)
      if sleepers.load(ordering: .sequentiallyConsistent) > 0 { gate.open() }
      takeItems()
      close()
      self.body = { _ in }
    }
    return true
  }

  /// Waits until the workers have left, and lets no late one in.
  private func close() {
    var spins = 0
    while true {
      let (closed, _) = inside.compareExchange(
        expected: 0, desired: Self.closed, ordering: .acquiringAndReleasing)
      if closed { return }
      pause(&spins)
    }
  }

  private func takeItems() {
    while true {
      let item = next.add(1, ordering: .relaxed).oldValue
      guard item < count else { return }
      body(item)
    }
  }

  private func work() {
    var seen = 0
    while true {
      seen = waitForNextLoop(after: seen)
      guard enter() else { continue }
      takeItems()
      inside.subtract(1, ordering: .releasing)
    }
  }

  /// True if the loop at hand is open and has a seat left.
  private func enter() -> Bool {
    var current = inside.load(ordering: .acquiring)
    while current >= 0 && current < seats {
      let (entered, found) = inside.compareExchange(
        expected: current, desired: current + 1, ordering: .acquiringAndReleasing)
      if entered { return true }
      current = found
    }
    return false
  }

  private func waitForNextLoop(after seen: Int) -> Int {
    var spins = 0
    while spins < 200_000 {
      let current = generation.load(ordering: .acquiring)
      if current != seen { return current }
      pause(&spins)
    }
    sleepers.add(1, ordering: .sequentiallyConsistent)
    defer { sleepers.subtract(1, ordering: .sequentiallyConsistent) }
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

/// Starts a detached thread that runs `body`.
private func startThread(_ body: @escaping @Sendable () -> Void) {
  final class Box {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
  let argument = Unmanaged.passRetained(Box(body)).toOpaque()
  #if canImport(Darwin)
    var thread: pthread_t?
    let result = pthread_create(&thread, nil, { run($0) }, argument)
  #else
    var thread = pthread_t()
    let result = pthread_create(&thread, nil, { run($0) }, argument)
  #endif
  precondition(result == 0, "the system gives no thread (pthread_create: error \(result))")
  #if canImport(Darwin)
    if let thread { pthread_detach(thread) }
  #else
    pthread_detach(thread)
  #endif

  func run(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let argument { Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body() }
    return nil
  }
}
