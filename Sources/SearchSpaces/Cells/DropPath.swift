import Autodiff
import NeuralNetworks
import Tensors

/// Drop path: in training, the result of an operation is left out for some of the images.
///
/// Which images, is drawn for each operation anew; the others are scaled so that the mean stays
/// [published: quark0/darts].
public struct DropPath: Sendable {
  /// How likely an image loses an operation, in 0 ..< 1.
  public let probability: Double
  private var generator: RandomGenerator

  /// Creates a drop path that draws from `generator`.
  public init(probability: Double, generator: RandomGenerator) {
    precondition(
      0..<1 ~= probability, "the probability of a drop is in 0 ..< 1, found \(probability)")
    self.probability = probability
    self.generator = generator
  }

  /// Drops nothing.
  public static let off = DropPath(probability: 0, generator: RandomGenerator(seed: 0))

  /// Whether it drops anything in `pass`.
  func isActive(in pass: ForwardPass) -> Bool { pass.mode == .training && probability > 0 }

  /// x [N, ...] with some images 0 and the others times 1 / (1 - probability); x itself where inactive.
  mutating func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    guard isActive(in: pass) else { return x }
    let keep = 1 - probability
    let factors = (0..<x.shape[0]).map { _ in
      Double(generator.uniform()) < keep ? Scalar(1 / keep) : 0
    }
    return scaleImages(x, by: factors)
  }
}
