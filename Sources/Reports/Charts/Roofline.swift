/// How fast kernels are beside what the machine could give them.
///
/// A kernel that computes I floating-point operations for every byte it moves cannot be faster than
///
///     min(multiply-add rate, I * bandwidth)
///
/// operations a second. On two logarithmic axes that is a roof: it rises with the bandwidth, and is flat at the rate
/// [published: Williams, Waterman and Patterson, Roofline, 2009].
public struct Roofline: Sendable {
  /// A memory, whose bandwidth is a roof.
  public struct Memory: Sendable {
    let name: String
    let bandwidth: Double

    /// A memory that reads and writes `bandwidth` bytes a second in all.
    public init(_ name: String, bandwidth: Double) {
      precondition(bandwidth > 0, "memory \(name) needs a bandwidth, found \(bandwidth)")
      (self.name, self.bandwidth) = (name, bandwidth)
    }
  }

  /// Kernels of one colour.
  public struct Kernels: Sendable {
    let name: String
    let points: [(intensity: Double, rate: Double)]

    /// Kernels, each by its floating-point operations per byte and its operations a second.
    public init(_ name: String, _ points: [(intensity: Double, rate: Double)]) {
      (self.name, self.points) = (name, points)
    }
  }

  private let title: String
  private let caption: String
  private let peak: Double
  private let memories: [Memory]
  private let kernels: [Kernels]

  /// Creates the picture of a machine that does at most `peak` floating-point operations a second.
  public init(
    _ title: String, caption: String, peak: Double, memories: [Memory], kernels: [Kernels]
  ) {
    precondition(peak > 0 && !memories.isEmpty, "a roofline needs a peak and a memory")
    (self.title, self.caption, self.peak) = (title, caption, peak)
    (self.memories, self.kernels) = (memories, kernels)
  }

  /// The most operations a second at `intensity` operations per byte of a memory of `bandwidth` bytes a second.
  public static func bound(intensity: Double, peak: Double, bandwidth: Double) -> Double {
    min(peak, intensity * bandwidth)
  }

  /// The picture as SVG.
  public var svg: String {
    LineChart(
      title, caption: caption, x: "floating-point operations per byte", y: "GFLOP/s",
      series: memories.enumerated().map { roof($0, $1) }
        + kernels.enumerated().map { marks($0, $1) },
      isLogarithmic: true, isLogarithmicInX: true
    ).svg
  }

  /// The operations per byte that the picture shows: those of the kernels and of the corners of the roofs.
  private var shown: ClosedRange<Double> {
    let all =
      kernels.flatMap { $0.points.map(\.intensity) } + memories.map { peak / $0.bandwidth }
    let (least, most) = (all.min() ?? 1, all.max() ?? 1)
    return least / 2...2 * most
  }

  private func roof(_ index: Int, _ memory: Memory) -> LineChart.Series {
    let corner = peak / memory.bandwidth
    let points = [shown.lowerBound, corner, shown.upperBound].map { intensity in
      (intensity, Self.bound(intensity: intensity, peak: peak, bandwidth: memory.bandwidth) / 1e9)
    }
    return .init(
      "\(memory.name), \(decimals(memory.bandwidth / 1e9, 0)) GB/s", points: points,
      isDashed: index > 0, color: roofColor)
  }

  private func marks(_ index: Int, _ kernels: Kernels) -> LineChart.Series {
    .init(
      kernels.name, points: kernels.points.map { ($0.intensity, $0.rate / 1e9) },
      marks: .scattered, color: index < roofColor ? index : index + 1)
  }

  /// Grey; kernels have the other colours.
  private var roofColor: Int { 6 }
}
