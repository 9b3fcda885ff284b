import Autodiff
import Tensors

/// A convolution kernel computed from several trained weights.
///
/// This is all that a supernet knows of reparameterization: who merges kernels, and how, is not its
/// business.
public protocol KernelExpression: Sendable {
  /// The trained weights, each with its own shape and its architecture weight.
  var parts: [KernelPart] { get }
  /// Whether a trained factor for each output channel [O], 1 at the start, belongs to the kernel.
  var hasGain: Bool { get }
  /// A part's kernel [O, k, k, I] as it enters the sum.
  func prepared(_ kernel: Variable) -> Variable
  /// The kernel [O, K, K, I].
  ///
  /// - Parameters:
  ///   - kernels: the parts' weights.
  ///   - weights: the values [parts.count] of their architecture weights.
  ///   - gain: the trained factors [O], if there are any.
  /// - Returns: the kernel.
  func kernel(from kernels: [Variable], weights: Variable, gain: Variable?) -> Variable
}

/// One trained weight of a merged kernel.
public struct KernelPart: Sendable {
  /// The name of the trained weight.
  public let name: String
  /// The window of the convolution that the part was.
  public let window: Window
  /// The share of the part in the merged kernel.
  public let weight: ArchitectureWeight

  /// Creates a part.
  public init(name: String, window: Window, weight: ArchitectureWeight) {
    self.name = name
    self.window = window
    self.weight = weight
  }
}
