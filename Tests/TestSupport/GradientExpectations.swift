import Autodiff
import Tensors
import Testing

/// Expects the gradients of `function` with respect to every input to agree with differences.
public func expectGradients(
  at inputs: [Tensor], tolerance: Double = GradientCheck.defaultTolerance,
  sourceLocation: SourceLocation = #_sourceLocation, _ function: ([Variable]) -> Variable
) {
  for check in GradientCheck.run(at: inputs, function) where !(check.relativeError <= tolerance) {
    Issue.record("wrong gradient: \(check)", sourceLocation: sourceLocation)
  }
}
