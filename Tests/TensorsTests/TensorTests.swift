import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Tensors

@Suite("Tensors are values")
struct TensorTests {
  @Test func `a copy does not change with the original`() {
    var a = Tensor([1, 2, 3, 4], shape: [2, 2])
    let b = a
    a[0] = 9
    #expect(b.scalars == [1, 2, 3, 4])
    #expect(a.scalars == [9, 2, 3, 4])
  }

  @Test func `the last axis varies fastest`() {
    let x = Tensor((0..<24).map(Scalar.init), shape: [1, 2, 3, 4])
    #expect(x[0, 1, 2, 3] == 23)
    #expect(x[0, 0, 1, 2] == 6)
    #expect(x.reshaped(to: [6, 4])[7] == 7)
    #expect("\(x)" == "[1, 2, 3, 4]: 0.0 1.0 2.0 3.0 4.0 5.0 6.0 7.0 ...")
  }

  @Test func `arithmetic on every length, whole vectors or not`() {
    for count in [1, 15, 16, 17, 33, 40_000] {
      let (a, b) = (sample([count], 1), sample([count], 2))
      let pairs = zip(a.scalars, b.scalars)
      expectClose(a + b, Tensor(pairs.map(+), shape: [count]))
      expectClose(a - b, Tensor(pairs.map(-), shape: [count]))
      expectClose(a * b, Tensor(pairs.map(*), shape: [count]))
      expectClose(a.relu(), a.map { max($0, 0) })
      expectClose(
        a.keeping(wherePositive: b), Tensor(pairs.map { $1 > 0 ? $0 : 0 }, shape: [count]))
      var c = a
      c.add(b, scaledBy: 0.5)
      c.scale(by: 2)
      expectClose(c, 2 * a + b)
    }
  }

  @Test func `shapes that do not fit are refused`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor([1, 2, 3], shape: [2, 2]) }
    await #expect(processExitsWith: .failure) { _ = Tensor.zeros([2]) + Tensor.zeros([3]) }
    await #expect(processExitsWith: .failure) { _ = Tensor.zeros([2, 2])[4] }
  }
}

@Suite("Memory")
struct MemoryTests {
  #if DEBUG
    private static let isDebug = true
  #else
    private static let isDebug = false
  #endif

  @Test(.enabled(if: isDebug, "a release build leaves fresh memory as it is"))
  func `fresh memory holds NaN in debug builds, so that nothing forgotten passes a test`() {
    for _ in 0..<3 {
      let x = Tensor(uninitialized: [100])
      #expect(x.scalars.allSatisfy { $0.isNaN })
    }
  }

  @Test(arguments: [0, 1, 16, 63, 64, 1000, 1 << 20, 1_234_567])
  func `a size class has a vector of slack and wastes at most an eighth`(_ count: Int) {
    let capacity = StoragePool.capacity(for: count)
    #expect(capacity >= count + lanes)
    #expect(capacity <= max(64, count * 9 / 8) + 64 + lanes)
    #expect(StoragePool.capacity(for: capacity - lanes) == capacity, "a class is its own class")
  }

  @Test func `each size class has a place of its own`() {
    let capacities = Set(
      (0..<5000).map { StoragePool.capacity(for: $0) }
        + (12..<40).flatMap { exponent in
          (0..<40).map { StoragePool.capacity(for: 1 << exponent + $0 << (exponent - 5)) }
        })
    let places = Set(capacities.map(StoragePool.sizeClass))
    #expect(places.count == capacities.count)
    #expect(places.allSatisfy { 0..<8 * Int.bitWidth ~= $0 })
  }

  @Test(arguments: [1, 1000, 123_457, 1 << 20])
  func `freed memory comes back, and is aligned`(_ count: Int) {
    let pool = StoragePool()
    let (first, second) = (pool.take(count: count), pool.take(count: count))
    #expect(first.base != second.base, "both are held")
    for buffer in [first, second] { #expect(UInt(bitPattern: buffer.base) % 64 == 0) }
    pool.giveBack(first.base, capacity: first.capacity)
    #expect(pool.take(count: count).base == first.base)
    pool.giveBack(second.base, capacity: second.capacity)
    let larger = pool.take(count: 2 * second.capacity)
    #expect(larger.base != second.base && larger.capacity > second.capacity, "of its own class")
    #expect(pool.take(count: count).base == second.base)
  }

  @Test func `a meter counts the tensors that are made where it is current`() {
    let (meter, inner) = (StorageMeter(), StorageMeter())
    let one = StoragePool.bytes(count: 1000)
    let before = Tensor.zeros([1000])
    var kept: Tensor?
    StorageMeter.$current.withValue(meter) {
      var x = before
      #expect(meter.bytes == 0, "nothing was made yet")
      x[0] = 1
      #expect(meter.bytes == one, "a copy that is written has memory of its own")
      do {
        let others = [Tensor.zeros([1000]), Tensor.zeros([1000])]
        #expect(meter.bytes == 3 * one, "\(others.count) more")
      }
      #expect(meter.bytes == one && meter.peakBytes == 3 * one)
      let y = StorageMeter.$current.withValue(inner) { Tensor.zeros([1000]) }
      #expect(meter.bytes == one && inner.bytes == one, "each tensor has one meter")
      kept = x
      _ = y
    }
    #expect(meter.bytes == one && inner.bytes == 0 && inner.peakBytes == one)
    _ = Tensor.zeros([5000])
    #expect(meter.peakBytes == 3 * one)
    kept = nil
    #expect(meter.bytes == 0, "freed outside of the scope, it is counted out")
    #expect(kept == nil && before[0] == 0)
  }

  @Test func `a meter counts in sizes of its own`() {
    let meter = StorageMeter { 10 * $0 }
    StorageMeter.$current.withValue(meter) {
      let x = Tensor.zeros([7])
      #expect(meter.bytes == 70 && x.shape.count == 7)
    }
    #expect(meter.bytes == 0 && meter.peakBytes == 70)
  }

  /// More than there are addresses.
  @Test func `where there is no memory the process ends as the program wants`() async {
    await #expect(processExitsWith: .exitCode(3)) {
      StoragePool.shared.onExhaustion { exit($0 == StoragePool.bytes(count: 1 << 58) ? 3 : 4) }
      _ = Tensor(uninitialized: [1 << 58])
    }
  }

  @Test func `where nothing is wanted it traps`() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(uninitialized: [1 << 58]) }
  }

  @Test func `the pool can give back what was freed`() {
    let count = 12_345_678
    do { _ = Tensor.zeros([count]) }
    StoragePool.shared.releaseFreed()
    #expect(Tensor.zeros([count])[count - 1] == 0)
  }
}

@Suite("Parallel loops")
struct ParallelTests {
  /// Runs loops on a pool and expects every index once, by at most `threads` threads.
  private func stress(_ pool: ThreadPool, threads: Int, count: Int) {
    let visits = Storage(zeros: count)
    let owners = Mutex<Set<UInt>>([])
    #expect(
      pool.run(count, threads: threads) { index in
        visits.base[index] += 1
        let me = UInt(bitPattern: ObjectIdentifier(Thread.current).hashValue)
        owners.withLock { _ = $0.insert(me) }
        for _ in 0..<200 { visits.base[index] += 0 }
      })
    #expect((0..<count).allSatisfy { visits.base[$0] == 1 })
    let used = owners.withLock { $0.count }
    #expect(used <= threads)
  }

  @Test func `a pool visits every index once, with no more threads than asked for`() {
    let pool = ThreadPool()
    for round in 0..<400 { stress(pool, threads: 2 + round % 7, count: 1 + round * 7 % 300) }
    withExtendedLifetime(pool) {}
  }

  @Test func `workers take part`() {
    let pool = ThreadPool()
    let started = Atomic(0)
    let deadline = ContinuousClock.now + .seconds(20)
    // Each of two items waits for the other to start, which takes two threads.
    let hasRun = pool.run(2, threads: 2) { _ in
      started.wrappingAdd(1, ordering: .relaxed)
      while started.load(ordering: .relaxed) < 2 && .now < deadline { sched_yield() }
      #expect(.now < deadline, "no second thread came")
    }
    #expect(hasRun)
    withExtendedLifetime(pool) {}
  }

  @Test(arguments: [0, 1, 2, 7, 1000]) func `every index is visited once`(_ count: Int) {
    for _ in 0..<50 {
      let visits = Storage(zeros: count)
      parallelFor(count) { visits.base[$0] += 1 }
      #expect((0..<count).allSatisfy { visits.base[$0] == 1 })
    }
  }

  @Test func `a loop inside a loop, and loops of several tasks at once`() async {
    let total = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let sums = Storage(zeros: 16)
          parallelFor(16) { i in
            let inner = Storage(count: 4)
            parallelFor(4) { j in inner.base[j] = Scalar(j) }
            sums.base[i] = inner.base[0] + inner.base[1] + inner.base[2] + inner.base[3]
          }
          return (0..<16).reduce(0) { $0 + Int(sums.base[$1]) }
        }
      }
      return await group.reduce(0, +)
    }
    #expect(total == 8 * 16 * 6)
  }

  @Test func `ranges cover all indices in pieces of one size`() {
    let marks = Storage(count: 10)
    parallelRanges(10, size: 4) { range in
      for i in range { marks.base[i] = Scalar(range.lowerBound) }
    }
    #expect((0..<10).map { marks.base[$0] } == [0, 0, 0, 0, 4, 4, 4, 4, 8, 8])
  }
}
