/// Sums over all pixels, channel by channel: what the backward pass of a sum of maps needs.
public enum ChannelwiseProducts {
  /// One map x [..., C] and the center [C] that is subtracted from it.
  public struct Term {
    /// The map.
    public let x: Tensor
    /// What is subtracted from each of its channels; nil is zero.
    public let center: Tensor?

    /// Creates a term.
    public init(_ x: Tensor, center: Tensor? = nil) {
      precondition(
        center.map { $0.shape == [x.shape.channels] } ?? true,
        "a center of shape \(center?.shape ?? []) does not fit the channels of \(x.shape)")
      self.x = x
      self.center = center
    }
  }

  /// The sum of g over the pixels, and for each term the sum of g (x - center).
  ///
  /// All [C], in one pass over g and every x. Subtracting the center before multiplying avoids the
  /// cancellation of two large sums.
  public static func sums(_ g: Tensor, _ terms: [Term]) -> (sum: [Double], products: [[Double]]) {
    for term in terms { expectSameShape(term.x, g, "maps of a product") }
    let channels = g.shape.channels
    let zero = Tensor.zeros([channels])
    let centers = terms.map { $0.center ?? zero }
    let sources = zip(terms, centers).map { (x: $0.x.pointer, center: $1.pointer) }
    let gradient = g.pointer
    let totals = channelTotals(pixels: g.shape.pixels, channels, rows: terms.count + 1) {
      range, sums in
      let g = gradient + range.lowerBound * channels
      addSums(g, range.count, channels, to: sums)
      for (row, term) in sources.enumerated() {
        addProducts(
          g, term.x + range.lowerBound * channels, term.center, range.count, channels,
          to: sums + (row + 1) * (channels + lanes))
      }
    }
    withExtendedLifetime(centers) {}
    return (totals[0], Array(totals.dropFirst()))
  }

  private static func addSums(
    _ g: UnsafePointer<Scalar>, _ pixels: Int, _ channels: Int,
    to sums: UnsafeMutablePointer<Scalar>
  ) {
    forPairsOfBlocks(channels) { c, blocks in
      var (a, b) = (load(sums + c), blocks > 1 ? load(sums + c + lanes) : .zero)
      for p in 0..<pixels {
        let from = g + p * channels + c
        a = add(a, load(from))
        if blocks > 1 { b = add(b, load(from + lanes)) }
      }
      store(a, sums + c)
      if blocks > 1 { store(b, sums + c + lanes) }
    }
  }

  private static func addProducts(
    _ g: UnsafePointer<Scalar>, _ x: UnsafePointer<Scalar>, _ center: UnsafePointer<Scalar>,
    _ pixels: Int, _ channels: Int, to sums: UnsafeMutablePointer<Scalar>
  ) {
    forPairsOfBlocks(channels) { c, blocks in
      let middle = (load(center + c), blocks > 1 ? load(center + c + lanes) : .zero)
      var even = (load(sums + c), blocks > 1 ? load(sums + c + lanes) : .zero)
      var odd = (Vector.zero, Vector.zero)
      func addPixel(_ p: Int, to total: inout (Vector, Vector)) {
        let (g, x) = (g + p * channels + c, x + p * channels + c)
        addProduct(&total.0, load(g), subtract(load(x), middle.0))
        if blocks > 1 {
          addProduct(&total.1, load(g + lanes), subtract(load(x + lanes), middle.1))
        }
      }
      for p in stride(from: 0, to: pixels - 1, by: 2) {
        addPixel(p, to: &even)
        addPixel(p + 1, to: &odd)
      }
      if pixels % 2 == 1 { addPixel(pixels - 1, to: &even) }
      store(add(even.0, odd.0), sums + c)
      if blocks > 1 { store(add(even.1, odd.1), sums + c + lanes) }
    }
  }

  /// Calls `body(first channel, blocks)` for the blocks of sixteen channels, two at a time while there are two:
  /// neighbours in memory, whose sums do not wait for one another.
  @inline(__always)
  private static func forPairsOfBlocks(_ channels: Int, _ body: (Int, Int) -> Void) {
    for c in stride(from: 0, to: channels, by: 2 * lanes) {
      if c + lanes < channels { body(c, 2) } else { body(c, 1) }
    }
  }
}

/// Sums `rows` numbers a channel over all pixels.
///
/// `add(pixels, sums)` adds a range's share to `sums`, whose rows are `channels + lanes` apart so that
/// whole vectors may be stored. The ranges depend on the shape alone and their sums are added in order.
private func channelTotals(
  pixels: Int, _ channels: Int, rows: Int, function: StaticString = #function,
  add: (Range<Int>, UnsafeMutablePointer<Scalar>) -> Void
) -> [[Double]] {
  let row = channels + lanes
  let size = max(1, (pixels + 63) / 64)
  let tasks = (pixels + size - 1) / size
  let partial = Storage(count: tasks * rows * row)
  parallelRanges(pixels, size: size, function: function) { range in
    let sums = partial.base + range.lowerBound / size * rows * row
    sums.update(repeating: 0, count: rows * row)
    // A piece of the first map stays in the first-level cache while the others pass.
    let piece = max(1, 2048 / max(1, channels))
    for start in stride(from: range.lowerBound, to: range.upperBound, by: piece) {
      add(start..<min(start + piece, range.upperBound), sums)
    }
  }
  return (0..<rows).map { r in
    var totals = [Double](repeating: 0, count: channels)
    for c in stride(from: 0, to: channels, by: 8) {
      let sums = partial.base + r * row + c
      totals.write((0..<tasks).reduce(.zero) { $0 + eightDoubles(sums + $1 * rows * row) }, at: c)
    }
    return totals
  }
}

extension Naive {
  /// The twin of `ChannelwiseProducts.sums` for one term.
  public static func channelwiseProducts(
    _ g: Tensor, _ term: ChannelwiseProducts.Term
  ) -> (sum: [Double], product: [Double]) {
    let channels = g.shape.channels
    var result = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    for i in 0..<g.shape.count {
      result.0[i % channels] += Double(g[i])
      result.1[i % channels] += Double(g[i]) * Double(term.x[i] - (term.center?[i % channels] ?? 0))
    }
    return result
  }
}
