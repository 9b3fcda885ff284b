import Autodiff
import Tensors

/// One module of a candidate operation, as a description: what it computes, not its weights.
///
/// All modules of an edge map C channels to C channels.
public struct ModuleSpec: Sendable, CustomStringConvertible {
  /// What a module computes.
  public enum Kind: Sendable {
    /// x.
    case identity
    /// Zeros.
    case zero
    /// max(x, 0).
    case relu
    /// Batch normalization without gain and bias.
    case batchNorm
    /// The mean of the pixels of a window that lie inside the image.
    case averagePool(Window)
    /// The largest pixel of a window.
    case maxPool(Window)
    /// A convolution without bias.
    case convolution(Window, Grouping, Kernel)
  }

  /// Which inputs a channel of a convolution sees.
  public enum Grouping: String, Sendable {
    /// All channels: weights [C, k, k, C].
    case dense
    /// Its own: weights [C, k, k, 1].
    case depthwise
  }

  /// Where the kernel of a convolution comes from.
  public enum Kernel: Sendable {
    /// A trained weight of the module's own.
    case own
    /// Computed from several trained weights.
    case merged(any KernelExpression)
  }

  /// What it computes.
  public let kind: Kind
  /// A name, unique on its edge, for its weights, for example `nor_conv_3x3.conv`.
  public let name: String

  /// Creates a description.
  public init(_ kind: Kind, name: String) {
    self.kind = kind
    self.name = name
  }

  /// Type and geometry: two modules that agree in it differ at most in their weights.
  ///
  /// Equation: TS-3 [reconstructed: high]. sig(m) = (type, C_in, C_out, groups, stride, [kernel, dilation]);
  /// C_in and C_out are those of the edge and left out.
  public var signature: String {
    switch kind {
    case .identity: "identity"
    case .zero: "zero"
    case .relu: "ReLU"
    case .batchNorm: "BN"
    case .averagePool(let window): "avg pool \(window)"
    case .maxPool(let window): "max pool \(window)"
    case .convolution(let window, let grouping, _):
      (grouping == .depthwise ? "DW " : window.kernel == 1 ? "PW " : "conv ") + "\(window)"
    }
  }

  /// Whether it has trained weights.
  public var hasWeights: Bool {
    if case .convolution = kind { true } else { false }
  }

  /// Whether it counts as executed: identity and zero cost nothing.
  public var isExecuted: Bool {
    switch kind {
    case .identity, .zero: false
    default: true
    }
  }

  /// The signature, and the parts of a merged kernel.
  public var description: String {
    guard case .convolution(_, _, .merged(let expression)) = kind else { return signature }
    return "\(signature) <- \(expression.parts.map(\.name).joined(separator: " + "))"
  }
}

/// A convolution kernel computed from several trained weights.
///
/// This is all that a supernet knows of reparameterization: who merges kernels, and how, is not its
/// business.
public protocol KernelExpression: Sendable {
  /// The trained weights, each with its own shape and its architecture weight.
  var parts: [KernelPart] { get }
  /// The kernel, from the parts' weights and the values [parts.count] of their architecture weights.
  func kernel(from parts: [Variable], weights: Variable) -> Variable
}

/// One trained weight of a merged kernel.
public struct KernelPart: Sendable {
  /// The name of the trained weight.
  public let name: String
  /// The window of the convolution that the part was.
  public let window: Window
  /// Its share in the merged kernel.
  public let weight: ArchitectureWeight

  /// Creates a part.
  public init(name: String, window: Window, weight: ArchitectureWeight) {
    self.name = name
    self.window = window
    self.weight = weight
  }
}
