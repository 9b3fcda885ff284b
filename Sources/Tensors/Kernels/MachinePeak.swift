/// What this machine can do at most, measured: the marks against which kernels are judged.
///
/// Each is the fastest of several rounds on `Threads.current` threads, for interruptions only slow down.
public enum MachinePeak {
  /// Floating-point operations a second of multiply-adds that never leave the registers.
  ///
  /// The instructions are those of the dense kernels, and so are the accumulators: as many as a tile has.
  public static func multiplyAddRate(seconds: Double = 1) -> Double {
    let (tasks, steps) = (4 * Threads.current, 100_000)
    let results = Storage(count: tasks)
    let fastest = fastestRound(within: seconds) {
      parallelFor(tasks) { results.base[$0] = multiplyAdds(steps: steps) }
    }
    let operations = 2 * tasks * steps * vectorsPerTile * Column.rows * lanes
    return Double(operations) / fastest
  }

  /// Bytes a second, read and written, of a copy from one half of a buffer to the other.
  ///
  /// The default size is far beyond any cache.
  public static func copyBandwidth(bytes: Int = 256 << 20, seconds: Double = 1) -> Double {
    let half = max(1, bytes / MemoryLayout<Scalar>.size / 2 / lanes) * lanes
    let buffer = Storage(zeros: 2 * half)
    let fastest = fastestRound(within: seconds) {
      parallelRanges(half, size: 1 << 18) { range in
        for i in stride(from: range.lowerBound, to: range.upperBound, by: lanes) {
          store(load(buffer.base + i), buffer.base + half + i)
        }
      }
    }
    return Double(2 * half * MemoryLayout<Scalar>.size) / fastest
  }

  /// Bytes a second of a sum over a buffer.
  ///
  /// The default size is far beyond any cache.
  public static func readBandwidth(bytes: Int = 256 << 20, seconds: Double = 1) -> Double {
    let step = Column.rows * lanes
    let count = max(1, bytes / MemoryLayout<Scalar>.size / step) * step
    let buffer = Storage(zeros: count)
    let size = 1 << 18
    let sums = Storage(count: (count + size - 1) / size)
    let fastest = fastestRound(within: seconds) {
      parallelRanges(count, size: size) { range in
        sums.base[range.lowerBound / size] = total(of: buffer.base, range)
      }
    }
    return Double(count * MemoryLayout<Scalar>.size) / fastest
  }

  /// a = x a + w, again and again, for as many independent a as a tile of the dense kernels has.
  ///
  /// Each step needs the one before, so that the optimizer can leave none out.
  @inline(never)
  private static func multiplyAdds(steps: Int) -> Scalar {
    let (x, w) = (splat(0.5), splat(1))
    var (left, right) = (Column(), Column())
    for _ in 0..<steps {
      left.multiply(by: x, adding: w)
      if vectorsPerTile == 2 { right.multiply(by: x, adding: w) }
    }
    return sum(add(left.total, right.total))
  }

  private static func total(of base: UnsafePointer<Scalar>, _ range: Range<Int>) -> Scalar {
    let rows = Column.Offsets(stride: lanes, count: Column.rows)
    var sums = Column()
    for i in stride(from: range.lowerBound, to: range.upperBound, by: Column.rows * lanes) {
      sums.addProduct(Column(loading: base + i, rows), splat(1))
    }
    return sum(sums.total)
  }

  /// Seconds of the fastest round of at least three, which go on until `seconds` are spent.
  private static func fastestRound(within seconds: Double, _ round: () -> Void) -> Double {
    let clock = ContinuousClock()
    var (fastest, spent, rounds) = (Double.infinity, 0.0, 0)
    while rounds < 3 || spent < seconds {
      let time = clock.measure(round).seconds
      fastest = min(fastest, time)
      spent += time
      rounds += 1
    }
    return fastest
  }
}

extension Quad {
  /// Every row times x, plus w.
  @inline(__always) fileprivate mutating func multiply(by x: Vector, adding w: Vector) {
    v0 = productSum(v0, x, w)
    v1 = productSum(v1, x, w)
    v2 = productSum(v2, x, w)
    v3 = productSum(v3, x, w)
  }

  /// The sum of the rows.
  fileprivate var total: Vector { add(add(v0, v1), add(v2, v3)) }
}

extension Octet {
  @inline(__always) fileprivate mutating func multiply(by x: Vector, adding w: Vector) {
    low.multiply(by: x, adding: w)
    high.multiply(by: x, adding: w)
  }

  fileprivate var total: Vector { add(low.total, high.total) }
}

/// a x + w.
@inline(__always) private func productSum(_ a: Vector, _ x: Vector, _ w: Vector) -> Vector {
  var result = w
  addProduct(&result, a, x)
  return result
}
