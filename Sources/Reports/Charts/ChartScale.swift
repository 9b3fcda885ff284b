/// Where the numbers of an axis lie, in pixels, and its round numbers.
protocol AxisScale: Sendable {
  /// The pixel of the lowest number shown.
  var start: Double { get }
  /// The pixel of the highest number shown.
  var end: Double { get }
  /// The round numbers that are shown.
  var ticks: [Double] { get }
  /// The pixel of a number.
  func callAsFunction(_ value: Double) -> Double
  /// A tick as text.
  func label(_ tick: Double) -> String
}

/// An axis on which equal distances are equal differences.
struct ChartScale: AxisScale {
  /// The pixel of the lowest number shown.
  let start: Double
  /// The pixel of the highest number shown.
  let end: Double
  private let shown: ClosedRange<Double>
  private let step: Double
  /// Digits after the point that tell one tick from the next.
  private let digits: Int

  /// Creates an axis on which all of `ranges` have room, with a share `margin` of them on either side.
  ///
  /// There are at most `steps` ticks, at multiples of 1, 2 or 5 times a power of ten; between whole numbers, as of epochs,
  /// there are none.
  init(
    _ ranges: [ClosedRange<Double>], from start: Double, to end: Double,
    margin share: Double = 0.08, isWhole: Bool = false, steps: Double = 8
  ) {
    (self.start, self.end) = (start, end)
    let low = ranges.map(\.lowerBound).min() ?? 0
    let high = ranges.map(\.upperBound).max() ?? 1
    // A single number, rounding aside, still needs an axis around it.
    let isOne = high - low <= 1e-9 * max(abs(high), abs(low))
    let room = isOne ? max(0.02 * abs(high), 1e-9) : share * (high - low)
    let margin = isOne && isWhole ? max(room, 0.5) : room
    shown = low - margin...high + margin
    let smallest = max((shown.upperBound - shown.lowerBound) / steps, isWhole ? 1 : 0)
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
    let largest = max(abs(shown.lowerBound), abs(shown.upperBound))
    guard 1e-5..<1e7 ~= largest, digits < 9 else { return shortNumber(tick) }
    let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
    guard scale < 1e18, abs(tick) * scale < 1e18 else { return "\(tick)" }
    let scaled = Int((abs(tick) * scale).rounded())
    let sign = tick < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let (whole, part) = scaled.quotientAndRemainder(dividingBy: Int(scale))
    let zeros = String(repeating: "0", count: digits - "\(part)".count)
    return "\(sign)\(whole).\(zeros)\(part)"
  }
}

/// Tenths of a pixel are fine enough.
func pixel(_ coordinate: Double) -> Double { (coordinate * 10).rounded() / 10 }

/// A number with at most four significant digits, or all of a whole one: `0.1235`, `1.2e-8`.
func shortNumber(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return value == 0 ? "0" : "\(value)" }
  guard 1e-4..<1e7 ~= abs(value) else { return scientific(value) }
  var power = 1.0
  while abs(value) * power < 1e3 { power *= 10 }
  return plain((value * power).rounded() / power)
}

/// A number as a mantissa and a power of ten.
private func scientific(_ value: Double) -> String {
  var (mantissa, power) = (value, 0)
  while abs(mantissa) >= 10 { (mantissa, power) = (mantissa / 10, power + 1) }
  while abs(mantissa) < 1 { (mantissa, power) = (mantissa * 10, power - 1) }
  let rounded = (mantissa * 1e3).rounded() / 1e3
  return abs(rounded) < 10
    ? "\(plain(rounded))e\(power)" : "\(plain(rounded / 10))e\(power + 1)"
}

/// A number without a needless point.
private func plain(_ value: Double) -> String {
  Int(exactly: value).map(String.init) ?? "\(value)"
}
