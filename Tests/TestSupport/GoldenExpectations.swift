import Tensors
import Testing

/// Expects a tensor to equal that of a golden case, within the case's tolerance.
///
/// `slack` is how many times the tolerance is allowed in single precision, for long sums.
public func expectGolden(
  _ actual: Tensor, _ test: GoldenCase, _ name: String, slack: Double = 1,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let tolerance = test.relativeTolerance * (isDoublePrecision ? 1 : slack)
  expectClose(
    actual, try test.tensor(name), absolute: tolerance, relative: tolerance, "\(test.id) \(name)",
    sourceLocation: sourceLocation)
}

/// Expects numbers to equal those of a golden case, within the case's tolerance.
public func expectGolden(
  _ actual: [Double], _ test: GoldenCase, vector name: String, slack: Double = 1,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let tolerance = test.relativeTolerance * (isDoublePrecision ? 1 : slack)
  expectClose(
    actual, try test.vector(name), absolute: tolerance, relative: tolerance, "\(test.id) \(name)",
    sourceLocation: sourceLocation)
}
