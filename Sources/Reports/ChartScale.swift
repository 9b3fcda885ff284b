/// Where the numbers of an axis lie, in pixels, and its round numbers.
struct ChartScale: Sendable {
  /// The pixel of the lowest number shown.
  let start: Double
  /// The pixel of the highest number shown.
  let end: Double
  private let shown: ClosedRange<Double>
  private let step: Double
  /// Digits behind the point that tell one tick from the next.
  private let digits: Int

  /// Creates an axis on which all of `ranges` have room, with a margin of 8 % on either side.
  init(_ ranges: [ClosedRange<Double>], from start: Double, to end: Double) {
    (self.start, self.end) = (start, end)
    let low = ranges.map(\.lowerBound).min() ?? 0
    let high = ranges.map(\.upperBound).max() ?? 1
    // A single number, but for rounding, still needs an axis around it.
    let isOne = high - low <= 1e-9 * max(abs(high), abs(low))
    let margin = isOne ? max(0.02 * abs(high), 1e-9) : 0.08 * (high - low)
    shown = low - margin...high + margin
    // At most 8 steps of 1, 2 or 5 times a power of ten.
    let smallest = (shown.upperBound - shown.lowerBound) / 8
    var (power, digits) = (1.0, 0)
    while power > smallest { (power, digits) = (power / 10, digits + 1) }
    while power * 10 <= smallest { power *= 10 }
    let factor = [1.0, 2, 5].first { $0 * power >= smallest } ?? 10
    step = factor * power
    self.digits = factor == 10 ? max(0, digits - 1) : digits
  }

  /// The round numbers that are shown.
  var ticks: [Double] {
    let first = (shown.lowerBound / step).rounded(.up)
    let last = (shown.upperBound / step).rounded(.down)
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  /// The pixel of a number.
  func callAsFunction(_ value: Double) -> Double {
    start + (value - shown.lowerBound) / (shown.upperBound - shown.lowerBound) * (end - start)
  }

  /// A tick as text.
  func label(_ tick: Double) -> String {
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    let scaled = Int((abs(tick) * scale).rounded())
    let sign = tick < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int(scale))
    let zeros = String(repeating: "0", count: digits - "\(part)".count)
    return "\(sign)\(whole).\(zeros)\(part)"
  }
}
