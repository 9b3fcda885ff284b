import Tensors
import Testing

/// Expects two lists of numbers to agree: |actual - expected| <= absolute + relative |expected|.
///
/// A failure names what was compared, the worst element with both values, and the first five of each.
public func expectClose(
  _ actual: [Double], _ expected: [Double], absolute: Double = 1e-5, relative: Double = 1e-5,
  _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.count else {
    Issue.record(
      "\(what()): \(actual.count) values, expected \(expected.count)",
      sourceLocation: sourceLocation)
    return
  }
  if actual.isEmpty {
    Issue.record("\(what()): nothing is compared", sourceLocation: sourceLocation)
  }
  var worst = (index: -1, excess: 0.0)
  for index in actual.indices {
    let excess = abs(actual[index] - expected[index]) - absolute - relative * abs(expected[index])
    // A NaN compares false with everything, and must not pass.
    if !(excess <= 0) && !(excess <= worst.excess) { worst = (index, excess) }
  }
  guard worst.index >= 0 else { return }
  Issue.record(
    """
    \(what()): element \(worst.index) of \(actual.count) is \(actual[worst.index]), \
    expected \(expected[worst.index])
      actual   \(actual.prefix(5))
      expected \(expected.prefix(5))
    """, sourceLocation: sourceLocation)
}

/// Expects two tensors to have one shape and to agree within the tolerance.
public func expectClose(
  _ actual: Tensor, _ expected: Tensor, absolute: Double = 1e-5, relative: Double = 1e-5,
  _ what: @autoclosure () -> String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
  guard actual.shape == expected.shape else {
    Issue.record(
      "\(what()): shape \(actual.shape), expected \(expected.shape)",
      sourceLocation: sourceLocation)
    return
  }
  expectClose(
    actual.doubles, expected.doubles, absolute: absolute,
    relative: relative, what(), sourceLocation: sourceLocation)
}

/// Expects two lists of tensors to agree one by one.
public func expectClose(
  _ actual: [Tensor], _ expected: [Tensor], absolute: Double = 1e-5, relative: Double = 1e-5,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(
    actual.map(\.shape) == expected.map(\.shape) && !actual.isEmpty,
    sourceLocation: sourceLocation)
  for (index, pair) in zip(actual, expected).enumerated() {
    expectClose(
      pair.0, pair.1, absolute: absolute, relative: relative, "tensor \(index)",
      sourceLocation: sourceLocation)
  }
}

/// Expects two numbers to agree within the tolerance.
public func expectClose(
  _ actual: some BinaryFloatingPoint, _ expected: some BinaryFloatingPoint,
  absolute: Double = 1e-5, relative: Double = 1e-5, _ what: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(
    [Double(actual)], [Double(expected)], absolute: absolute, relative: relative, what(),
    sourceLocation: sourceLocation)
}

/// The largest |a - b| of two tensors.
///
/// It is NaN if their shapes differ or a number is NaN: that is neither less nor greater than any limit, so that a test
/// passes for a difference that was measured, and for nothing else.
public func largestDifference(_ a: Tensor, _ b: Tensor) -> Double {
  guard a.shape == b.shape else { return .nan }
  let differences = zip(a.doubles, b.doubles).map { abs($0 - $1) }
  return differences.contains { $0.isNaN } ? .nan : differences.max() ?? 0
}

/// Whether the scalar type is Double: `swift test --traits DoublePrecision`.
public let isDoublePrecision = MemoryLayout<Scalar>.size == 8
