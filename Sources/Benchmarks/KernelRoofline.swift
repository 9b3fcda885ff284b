import Reports
import Tensors

extension KernelBenchmark {
  /// Bytes of a map and of its copy that stay in the caches: maps of the first stage, of 64 images.
  private static let cachedBytes = 8 << 20

  /// The kernels below the roofs of the machine; bandwidth in the caches is measured for `seconds` now.
  ///
  /// A kernel has its counted multiply-accumulates and the bytes of its maps and weights, each moved once. What computes
  /// next to nothing has no place in the picture.
  package func roofline(seconds: Double) -> Roofline {
    let cached = MachinePeak.copyBandwidth(bytes: Self.cachedBytes, seconds: seconds)
    return Roofline(
      "Kernels below the roof",
      caption: "\(machine.text). Operations that Winograd saves count, so that it can pass the "
        + "flat roof; a kernel whose maps are still in the caches can pass the roof of main memory.",
      peak: peaks.multiplyAddRate,
      memories: [
        .init("copy in main memory", bandwidth: peaks.copyBandwidth),
        .init("copy of a map in the caches", bandwidth: cached),
      ], kernels: families)
  }

  /// The rows that compute, by kernel, whether or not there is a ReLU in front.
  private var families: [Roofline.Kernels] {
    var names: [String] = []
    var points: [String: [(intensity: Double, rate: Double)]] = [:]
    for row in rows {
      guard let rate = row.flopRate else { continue }
      let name = row.kernel.hasPrefix("ReLU + ") ? String(row.kernel.dropFirst(7)) : row.kernel
      if points[name] == nil { names.append(name) }
      points[name, default: []].append((rate / row.bandwidth, rate))
    }
    return names.map { Roofline.Kernels($0, points[$0] ?? []) }
  }
}
