import Foundation

/// An axis on which equal distances are equal ratios.
struct LogarithmicScale: AxisScale {
  let start: Double
  let end: Double
  /// Common logarithms of the ends.
  private let shown: ClosedRange<Double>
  let ticks: [Double]

  /// Creates an axis on which all positive `numbers` have room, with a share `margin` on either side.
  init(_ numbers: [Double], from start: Double, to end: Double, margin: Double = 0.08) {
    (self.start, self.end) = (start, end)
    let (low, high) = (log10(numbers.min() ?? 1), log10(numbers.max() ?? 10))
    let room = high > low ? margin * (high - low) : 0.1
    shown = low - room...high + room
    ticks = Self.ticks(shown)
  }

  /// Powers of ten, with their double and fivefold where there are few of them.
  private static func ticks(_ shown: ClosedRange<Double>) -> [Double] {
    let powers = Int(shown.lowerBound.rounded(.down))...Int(shown.upperBound.rounded(.up))
    let factors = powers.count > 4 ? [1.0] : [1, 2, 5]
    let stride = (powers.count + 7) / 8
    let round = powers.filter { $0.isMultiple(of: stride) }.flatMap { power in
      factors.map { factor in power < 0 ? factor / ten(-power) : factor * ten(power) }
    }.filter { shown.contains(log10($0)) }
    guard round.count < 2 else { return round }
    // Within so short a range the axis is nearly linear.
    return ChartScale([pow(10, shown.lowerBound)...pow(10, shown.upperBound)], from: 0, to: 1)
      .ticks.filter { $0 > 0 && shown.contains(log10($0)) }
  }

  private static func ten(_ power: Int) -> Double {
    (0..<power).reduce(1.0) { value, _ in value * 10 }
  }

  func callAsFunction(_ value: Double) -> Double {
    start + (log10(value) - shown.lowerBound) / (shown.upperBound - shown.lowerBound)
      * (end - start)
  }

  func label(_ tick: Double) -> String { shortNumber(tick) }
}
