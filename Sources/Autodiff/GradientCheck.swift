import Tensors

/// Compares the gradients of a function with differences of its values.
///
/// The function's output is multiplied by a random cotangent c, its inputs are moved along a random
/// direction d, one input at a time: then <gradient, d> must equal the slope of <c, f(x + t d)> at t = 0.
/// One slope covers all scalars of an input; a structured cotangent such as all ones would hide errors
/// that cancel.
public struct GradientCheck: CustomStringConvertible, Sendable {
  /// Which input was moved.
  public let input: Int
  /// <gradient, d>.
  public let analytic: Double
  /// The central difference.
  public let numeric: Double
  /// |analytic - numeric| relative to the length of the gradient, or to `numeric` if that is larger.
  public let relativeError: Double

  /// For example `input 1: analytic 0.25, numeric 0.5, relative error 0.5`.
  public var description: String {
    "input \(input): analytic \(analytic), numeric \(numeric), relative error \(relativeError)"
  }

  /// Half the distance between the two values of a difference: a balance of rounding and curvature.
  public static let defaultStep: Double = MemoryLayout<Scalar>.size == 8 ? 1e-5 : 4e-3

  /// A relative error that a right gradient stays below with the default step.
  public static let defaultTolerance: Double = MemoryLayout<Scalar>.size == 8 ? 1e-6 : 1e-2

  /// Checks every input of `function` in `directions` random directions.
  ///
  /// - Returns: one comparison an input and direction; `function` must be smooth near `inputs`.
  public static func run(
    at inputs: [Tensor], seed: UInt64 = 1, step: Double = defaultStep, directions: Int = 2,
    _ function: ([Variable]) -> Variable
  ) -> [GradientCheck] {
    var generator = RandomGenerator(seed: seed)
    let shape = function(inputs.map(Variable.constant)).shape
    let cotangent = Tensor.normal(shape, using: &generator)
    let tape = Tape()
    let variables = inputs.map { tape.variable($0) }
    let gradients = tape.gradients(
      of: function(variables), cotangent: cotangent, withRespectTo: variables)
    func value(_ moved: [Tensor]) -> Double {
      function(moved.map(Variable.constant)).value.dot(cotangent)
    }
    return (0..<directions).flatMap { _ in
      inputs.indices.map { input in
        let direction = Tensor.normal(inputs[input].shape, using: &generator)
        let ends = [step, -step].map { t in
          var moved = inputs
          moved[input].add(direction, scaledBy: Scalar(t))
          return value(moved)
        }
        let gradient = gradients[input]
        return GradientCheck(
          input: input, analytic: gradient.dot(direction),
          numeric: (ends[0] - ends[1]) / (2 * step),
          length: gradient.dot(gradient).squareRoot())
      }
    }
  }

  private init(input: Int, analytic: Double, numeric: Double, length: Double) {
    self.input = input
    self.analytic = analytic
    self.numeric = numeric
    let scale = max(length, abs(numeric))
    relativeError = scale == 0 ? 0 : abs(analytic - numeric) / scale
  }
}
