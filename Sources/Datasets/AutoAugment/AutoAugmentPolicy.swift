import Tensors

/// Pairs of transformations of which every training image gets one pair at random.
///
/// Cubuk et al., *AutoAugment: Learning Augmentation Strategies from Data*, 2019.
public struct AutoAugmentPolicy: Sendable {
  /// A transformation that is applied with a probability.
  public struct Step: Hashable, Sendable {
    /// What is done.
    public let transformation: ImageTransformation
    /// How often.
    public let probability: Double
    /// How strongly, in 0...9.
    public let level: Int

    /// Creates a step.
    public init(_ transformation: ImageTransformation, _ probability: Double, _ level: Int) {
      self.transformation = transformation
      self.probability = probability
      self.level = level
    }
  }

  /// The sub-policies, each of several steps that follow one another.
  public let subpolicies: [[Step]]

  /// Creates a policy.
  public init(_ subpolicies: [[Step]]) {
    precondition(!subpolicies.isEmpty, "a policy has at least one sub-policy")
    self.subpolicies = subpolicies
  }

  /// The image after a sub-policy that is drawn at random.
  public func callAsFunction(
    _ image: ColorImage, using generator: inout RandomGenerator
  ) -> ColorImage {
    let steps = subpolicies[generator.integer(below: subpolicies.count)]
    return steps.reduce(image) { image, step in
      // Drawn whether or not they are needed, so that each step has draws of its own.
      let (draw, isNegative) = (Double(generator.uniform()), generator.integer(below: 2) == 1)
      guard draw < step.probability else { return image }
      return step.transformation(image, level: step.level, isNegative: isNegative)
    }
  }

  /// The policy that was found for CIFAR-10: 25 pairs.
  public static let cifar10 = AutoAugmentPolicy([
    [Step(.invert, 0.1, 7), Step(.contrast, 0.2, 6)],
    [Step(.rotate, 0.7, 2), Step(.translateX, 0.3, 9)],
    [Step(.sharpness, 0.8, 1), Step(.sharpness, 0.9, 3)],
    [Step(.shearY, 0.5, 8), Step(.translateY, 0.7, 9)],
    [Step(.autocontrast, 0.5, 8), Step(.equalize, 0.9, 2)],
    [Step(.shearY, 0.2, 7), Step(.posterize, 0.3, 7)],
    [Step(.color, 0.4, 3), Step(.brightness, 0.6, 7)],
    [Step(.sharpness, 0.3, 9), Step(.brightness, 0.7, 9)],
    [Step(.equalize, 0.6, 5), Step(.equalize, 0.5, 1)],
    [Step(.contrast, 0.6, 7), Step(.sharpness, 0.6, 5)],
    [Step(.color, 0.7, 7), Step(.translateX, 0.5, 8)],
    [Step(.equalize, 0.3, 7), Step(.autocontrast, 0.4, 8)],
    [Step(.translateY, 0.4, 3), Step(.sharpness, 0.2, 6)],
    [Step(.brightness, 0.9, 6), Step(.color, 0.2, 8)],
    [Step(.solarize, 0.5, 2), Step(.invert, 0, 3)],
    [Step(.equalize, 0.2, 0), Step(.autocontrast, 0.6, 0)],
    [Step(.equalize, 0.2, 8), Step(.equalize, 0.8, 4)],
    [Step(.color, 0.9, 9), Step(.equalize, 0.6, 6)],
    [Step(.autocontrast, 0.8, 4), Step(.solarize, 0.2, 8)],
    [Step(.brightness, 0.1, 3), Step(.color, 0.7, 0)],
    [Step(.solarize, 0.4, 5), Step(.autocontrast, 0.9, 3)],
    [Step(.translateY, 0.9, 9), Step(.translateY, 0.7, 9)],
    [Step(.autocontrast, 0.9, 2), Step(.solarize, 0.8, 3)],
    [Step(.equalize, 0.8, 8), Step(.invert, 0.1, 3)],
    [Step(.translateY, 0.7, 9), Step(.autocontrast, 0.9, 1)],
  ])
}
