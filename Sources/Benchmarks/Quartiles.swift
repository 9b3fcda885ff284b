/// The median of some numbers, and the quartiles around it.
package struct Quartiles: Encodable {
  package let lower: Double
  package let median: Double
  package let upper: Double

  /// Quartiles of at least one number, interpolated between neighbours.
  package init(of numbers: [Double]) {
    precondition(!numbers.isEmpty, "no numbers have no median")
    let sorted = numbers.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = Int(place)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    (lower, median, upper) = (quantile(0.25), quantile(0.5), quantile(0.75))
  }
}
