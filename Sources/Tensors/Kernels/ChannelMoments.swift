/// Mean and variance of each channel over all pixels, the statistics of batch normalization.
public enum ChannelMoments {
  /// Mean and biased variance, each [C].
  public typealias Pair = (mean: [Double], variance: [Double])

  /// Mean and biased variance, each [C], of x [..., C].
  public static func of(_ x: Tensor) -> Pair {
    let (channels, pixels) = (x.shape.channels, x.shape.pixels)
    precondition(pixels > 0, "the moments of a tensor need at least one pixel, found \(x.shape)")
    let size = max(1, (pixels + 63) / 64)
    let sums = Sums(parts: (pixels + size - 1) / size, channels: channels)
    let source = x.pointer
    parallelRanges(pixels, size: size) { range in
      sums.set(
        range.lowerBound / size, to: source + range.lowerBound * channels, pixels: range.count)
    }
    return sums.pair
  }

  /// The moments of parts of a map, to be united; a convolution takes those of each image while it is hot.
  ///
  /// Sums are taken relative to the first pixel of the part, so that a large mean does not cancel the
  /// variance.
  public final class Sums: Sendable {
    private let channels: Int
    private let counts: Storage
    private let sums: Storage
    private let parts: Int

    /// Room for `parts` parts, as many as images for a convolution.
    public init(parts: Int, channels: Int) {
      self.channels = channels
      self.parts = parts
      counts = Storage(zeros: parts)
      sums = Storage(count: parts * 3 * blocks(of: channels) * lanes)
    }

    private var row: Int { blocks(of: channels) * lanes }

    /// Takes the moments of a part, `x` [pixels, C]; several parts at the same time are fine.
    func set(_ part: Int, to x: UnsafePointer<Scalar>, pixels: Int) {
      counts.base[part] = Scalar(pixels)
      let target = sums.base + part * 3 * row
      for c in stride(from: 0, to: channels, by: lanes) {
        let pivot = load(x + c)
        var (first, second) = ((Vector.zero, Vector.zero), (Vector.zero, Vector.zero))
        var at = x + c
        for _ in 0..<pixels / 2 {
          add(subtract(load(at), pivot), to: &first)
          add(subtract(load(at + channels), pivot), to: &second)
          at += 2 * channels
        }
        if pixels % 2 == 1 { add(subtract(load(at), pivot), to: &first) }
        store(pivot, target + c)
        store(Tensors.add(first.0, second.0), target + row + c)
        store(Tensors.add(first.1, second.1), target + 2 * row + c)
      }
    }

    /// Adds d to one sum and its square to another.
    @inline(__always)
    private func add(_ d: Vector, to sums: inout (Vector, Vector)) {
      sums.0 = Tensors.add(sums.0, d)
      addProduct(&sums.1, d, d)
    }

    /// Mean and biased variance of all parts together.
    ///
    /// The variance is the mean of the parts' variances and the variance of their means.
    public var pair: Pair {
      // Divisions take longest here: one for each part, not one for each part and channel.
      let weights = (0..<parts).map { part in
        let count = Double(counts.base[part])
        return (count: count, inverse: 1 / count)
      }
      let pixels = weights.reduce(0) { $0 + $1.count }
      var (mean, variance) = (
        [Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels)
      )
      for c in stride(from: 0, to: channels, by: 8) {
        let middle = sum(c, weights) / pixels
        let spread = squares(c, weights, around: middle)
        mean.write(middle, at: c)
        // Rounding may leave less than 0; max(0, _) would turn a NaN into 0.
        variance.write(spread.replacing(with: 0, where: spread .< 0) / pixels, at: c)
      }
      return (mean, variance)
    }

    /// The pixels of a part, and 1 over them.
    private typealias PartWeight = (count: Double, inverse: Double)

    /// The sums of eight channels from `c` on.
    private func sum(_ c: Int, _ weights: [PartWeight]) -> SIMD8<Double> {
      var (total, pivot) = (SIMD8<Double>.zero, sums.base + c)
      for part in weights {
        total += part.count * eightDoubles(pivot) + eightDoubles(pivot + row)
        pivot += 3 * row
      }
      return total
    }

    /// The sums of the squares of the distances from the mean, of eight channels from `c` on.
    private func squares(
      _ c: Int, _ weights: [PartWeight], around mean: SIMD8<Double>
    ) -> SIMD8<Double> {
      var (total, pivot) = (SIMD8<Double>.zero, sums.base + c)
      for part in weights {
        let (first, second) = (eightDoubles(pivot + row), eightDoubles(pivot + 2 * row))
        let distance = eightDoubles(pivot) + first * part.inverse - mean
        total += second - first * first * part.inverse + part.count * distance * distance
        pivot += 3 * row
      }
      return total
    }
  }
}

extension Naive {
  /// The twin of `ChannelMoments.of`.
  public static func channelMoments(_ x: Tensor) -> (mean: [Double], variance: [Double]) {
    let (channels, pixels) = (x.shape.channels, Double(x.shape.pixels))
    let columns = (0..<channels).map { c in
      stride(from: c, to: x.shape.count, by: channels).map { Double(x[$0]) }
    }
    let means = columns.map { $0.reduce(0, +) / pixels }
    let variances = zip(columns, means).map { column, mean in
      column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / pixels
    }
    return (means, variances)
  }
}
