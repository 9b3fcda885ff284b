import Reports

/// How some numbers are spread.
package struct Spread: Encodable, Equatable {
  package let lowest: Double
  package let mean: Double
  package let highest: Double
  /// The standard deviation of a sample, with n - 1; nil for a single number.
  package let deviation: Double?

  /// Describes at least one number.
  package init(_ numbers: [Double]) {
    precondition(!numbers.isEmpty, "a spread is one of at least one number")
    let mean = numbers.reduce(0, +) / Double(numbers.count)
    let squares = numbers.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    lowest = numbers.min() ?? mean
    highest = numbers.max() ?? mean
    deviation = numbers.count > 1 ? (squares / Double(numbers.count - 1)).squareRoot() : nil
  }
}

extension Spread {
  /// Describes numbers that all runs have; nil if one has none.
  package init?(ofAll numbers: [Double?]) {
    let known = numbers.compactMap { $0 }
    guard !known.isEmpty, known.count == numbers.count else { return nil }
    self.init(known)
  }

  /// Describes bytes that all runs counted; nil if one did not.
  package init?(ofAll bytes: [Int?]) { self.init(ofAll: bytes.map { $0.map(Double.init) }) }

  /// Whether these ratios show no difference: nearer to 1 than 1 %, or than their deviation.
  package var isNoise: Bool { abs(mean - 1) < max(0.01, deviation ?? 0) }

  /// Ratios as a table shows them.
  package var ratioText: String { text(digits: 3) + (isNoise ? " (noise)" : "") }

  /// Mean and standard deviation: `12.3 ± 0.4`, the mean alone if there is a single number.
  package func text(times factor: Double = 1, digits: Int) -> String {
    let mean = decimals(factor * mean, digits)
    return deviation.map { "\(mean) ± \(decimals(factor * $0, digits))" } ?? mean
  }
}
