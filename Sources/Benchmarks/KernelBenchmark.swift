import Reports
import Tensors

/// Times kernels against the peaks of the machine and against their naive twins.
package struct KernelBenchmark: Encodable {
  package let machine: BenchedMachine
  package let batch: Int
  package let peaks: Peaks
  package let rows: [Row]

  /// What the machine can do at most on as many threads.
  package struct Peaks: Encodable {
    /// Floating-point operations a second.
    package let multiplyAddRate: Double
    /// Bytes a second, read and written.
    package let copyBandwidth: Double
    /// Bytes a second.
    package let readBandwidth: Double

    /// Measures each for `seconds`.
    package init(seconds: Double) {
      multiplyAddRate = MachinePeak.multiplyAddRate(seconds: seconds)
      copyBandwidth = MachinePeak.copyBandwidth(seconds: seconds)
      readBandwidth = MachinePeak.readBandwidth(seconds: seconds)
    }
  }

  /// One kernel in one direction on one shape.
  package struct Row: Encodable {
    package let kernel: String
    package let direction: String
    package let shape: [Int]
    /// Median time of a call.
    package let seconds: Double
    /// Floating-point operations a second; nil for what computes next to nothing.
    package let flopRate: Double?
    package let shareOfPeak: Double?
    /// Bytes a second that must be read and written.
    package let bandwidth: Double
    package let shareOfCopy: Double
    /// Time of the naive twin over that of the kernel.
    package let naiveFactor: Double
    package let isCold: Bool
  }

  /// Maps of one shape together are at least this large, so that no cache holds the next one.
  private static let coldBytes = 64 << 20

  /// Measures `cases`, each for `seconds` and at least five times, and the peaks for five times as long.
  ///
  /// `report` hears of each case before it starts.
  package init(_ cases: [KernelCase], batch: Int, seconds: Double, _ report: (KernelCase) -> Void) {
    machine = .current
    self.batch = batch
    let peaks = Peaks(seconds: 5 * seconds)
    self.peaks = peaks
    var maps: [Shape: RotatingMaps] = [:]
    rows = cases.map { test in
      report(test)
      let inputs = maps[test.shape] ?? Self.randomMaps(test.shape)
      maps[test.shape] = inputs
      let time = Self.time(test, on: inputs, seconds: seconds)
      return Row(test, seconds: time, naiveSeconds: Self.naiveTime(test, on: inputs), peaks)
    }
  }

  private static func randomMaps(_ shape: Shape) -> RotatingMaps {
    var generator = RandomGenerator(seed: 1)
    let bytes = shape.count * MemoryLayout<Scalar>.size
    return RotatingMaps(
      of: .normal(shape, using: &generator), count: max(16, coldBytes / bytes + 1))
  }

  /// The median time of a call, in seconds.
  private static func time(_ test: KernelCase, on maps: RotatingMaps, seconds: Double) -> Double {
    let call = test.call(on: maps)
    // Cold results are kept until their turn comes again, so that they too are written to cold memory.
    var results = [Tensor?](repeating: nil, count: test.isCold ? maps.count : 1)
    var (times, spent, turn) = ([Double](), 0.0, 0)
    func run() -> Double {
      let first = test.isCold ? turn * test.mapsRead : 0
      let place = turn % results.count
      turn += 1
      if !test.isCold { results[place] = nil }  // its memory is warm
      return ContinuousClock().measure { results[place] = call(first) }.seconds
    }
    while turn < results.count || spent < seconds / 4 { spent += run() }  // warms up
    spent = 0
    while times.count < 5 || spent < seconds {
      times.append(run())
      spent += times[times.count - 1]
    }
    return Quartiles(of: times).median
  }

  /// The time of the naive twin on the whole batch, in seconds: that on one image, multiplied.
  private static func naiveTime(_ test: KernelCase, on maps: RotatingMaps) -> Double {
    let shape = test.shape
    let image = Tensor(
      Array(maps[0].scalars.prefix(shape.count / shape.images)),
      shape: [1, shape.height, shape.width, shape.channels])
    return Double(shape.images)
      * ContinuousClock().measure { test.runNaive(on: image) }.seconds
  }
}

extension KernelBenchmark.Row {
  package init(
    _ test: KernelCase, seconds: Double, naiveSeconds: Double, _ peaks: KernelBenchmark.Peaks
  ) {
    (kernel, direction, shape) = (test.name, test.direction.rawValue, test.shape.extents)
    self.seconds = seconds
    flopRate = test.macs.map { 2 * Double($0) / seconds }
    shareOfPeak = flopRate.map { $0 / peaks.multiplyAddRate }
    bandwidth = Double(test.bytes) / seconds
    shareOfCopy = bandwidth / peaks.copyBandwidth
    naiveFactor = naiveSeconds / seconds
    isCold = test.isCold
  }
}

// MARK: Text

extension KernelBenchmark {
  package var text: String {
    """
    \(machine.text)
    peak  \(giga(peaks.multiplyAddRate)) GFLOP/s in multiply-adds, copy \(giga(peaks.copyBandwidth)) GB/s, \
    read \(giga(peaks.readBandwidth)) GB/s

    \(table.text)

    ms: median of a call. GFLOP/s: 2 x MACs, with those that Winograd saves. GB/s: every map and kernel read or written once.
    of peak: of the multiply-adds. of copy: of what a copy of 128 MiB reads and writes.
    cold: each call takes other maps than the last, of more than 64 MiB in all, and writes to others, as a
    supernet finds what it wrote long ago. warm: each call takes the same, as if just written.
    x naive: time of the naive twin over that of the kernel; the twin runs once, on one image of \(batch),
    and its time is multiplied by \(batch).
    """
  }

  private var table: TextTable {
    var table = TextTable(
      head: [
        "kernel", "direction", "H x W x C", "maps", "ms", "GFLOP/s", "of peak", "GB/s", "of copy",
        "x naive",
      ], numeric: Set(4...9))
    table.rows = rows.map { row in
      [
        row.kernel, row.direction, row.shape.dropFirst().map(String.init).joined(separator: " x "),
        row.isCold ? "cold" : "warm", decimals(row.seconds * 1000, 3),
        row.flopRate.map(giga) ?? "", row.shareOfPeak.map(percent) ?? "", giga(row.bandwidth),
        percent(row.shareOfCopy), decimals(row.naiveFactor, 0),
      ]
    }
    return table
  }

  private func giga(_ rate: Double) -> String { decimals(rate / 1e9, 1) }
}
