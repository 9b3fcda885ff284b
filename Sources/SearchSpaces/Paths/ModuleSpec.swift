import Tensors

/// One module of a candidate operation, as a description: what it computes, not its weights.
///
/// An edge maps C channels to C channels, and so do its modules, unless they say otherwise (`Widening`).
public struct ModuleSpec: Sendable, CustomStringConvertible {
  /// What a module computes.
  public enum Kind: Sendable {
    /// x.
    case identity
    /// Zeros, of the size that the stride leaves.
    case zero(stride: Int = 1)
    /// max(x, 0).
    case relu
    /// Batch normalization, in a search without gain and bias.
    case batchNorm
    /// The mean of the pixels of a window that lie inside the image.
    case averagePool(Window)
    /// The largest pixel of a window.
    case maxPool(Window)
    /// A convolution without bias.
    case convolution(Window, Grouping, Kernel)
    /// A dense convolution along one axis of the image, without bias: weights [C, 1, k, C] or [C, k, 1, C].
    case stripConvolution(Strip)
    /// Two 1x1 convolutions of stride 2 to half of the channels each, the second one pixel down and right.
    case factorizedReduction
  }

  /// Which inputs a channel of a convolution sees.
  public enum Grouping: String, Sendable {
    /// All channels: weights [C, k, k, C].
    case dense
    /// A kernel for each channel: weights [C, k, k, 1].
    case depthwise
  }

  /// Where the kernel of a convolution comes from.
  public enum Kernel: Sendable {
    /// A trained weight of the module's own.
    case own
    /// Computed from several trained weights.
    case merged(any KernelExpression)
  }

  /// How many times the C channels of its edge a module reads and writes.
  public struct Widening: Hashable, Sendable {
    /// The factor of the channels that it reads.
    public let inputs: Int
    /// The factor of the channels that it writes.
    public let outputs: Int

    /// From `inputs` times C to `outputs` times C channels.
    public init(from inputs: Int, to outputs: Int) {
      precondition(
        inputs > 0 && outputs > 0, "a module has channels, found factors \(inputs), \(outputs)")
      (self.inputs, self.outputs) = (inputs, outputs)
    }

    /// From C to C channels, as nearly all modules.
    public static let none = Widening(from: 1, to: 1)
  }

  /// What the module computes.
  public let kind: Kind
  /// The candidates it is a module of: one, or, where it is shared, several.
  public let owners: [Primitive]
  /// The module's part in its candidates, for example `conv`; empty where it is all of a candidate.
  public let role: String
  /// How many times the channels of the edge it reads and writes.
  public let widening: Widening

  /// Creates a description of a module that `owners` have in common.
  ///
  /// Only a dense convolution of a kernel of its own changes the number of channels.
  public init(
    _ kind: Kind, owners: [Primitive], role: String = "", widening: Widening = .none
  ) {
    precondition(!owners.isEmpty, "a module belongs to a candidate")
    if case .convolution(_, .dense, .own) = kind {
    } else {
      precondition(
        widening.inputs == widening.outputs,
        "a module that is no dense convolution leaves the number of channels as it is")
    }
    self.kind = kind
    self.owners = owners
    self.role = role
    self.widening = widening
  }

  /// Creates a description of a module of one candidate.
  public init(
    _ kind: Kind, of owner: Primitive, role: String = "", widening: Widening = .none
  ) {
    self.init(kind, owners: [owner], role: role, widening: widening)
  }

  /// A name, unique on its edge, for its weights: `nor_conv_3x3.conv`, or `nor_conv_1x1+nor_conv_3x3.bn`.
  ///
  /// Weights start from it and checkpoints call them by it. Nothing reads it: owners and role are values.
  public var name: String {
    let candidates = owners.map(\.rawValue).joined(separator: "+")
    return role.isEmpty ? candidates : "\(candidates).\(role)"
  }

  /// One module in the place of several of equal signature, with the role that the first of them has.
  ///
  /// - Parameters:
  ///   - modules: at least one.
  ///   - kind: what it computes; nil is what the first of them does.
  /// - Returns: a module that belongs to the owners of all.
  public static func shared(_ modules: [ModuleSpec], as kind: Kind? = nil) -> ModuleSpec {
    ModuleSpec(
      kind ?? modules[0].kind, owners: modules.owners, role: modules[0].role,
      widening: modules[0].widening)
  }

  /// Type and geometry: two modules that agree in it differ at most in their weights.
  ///
  /// Equation: TS-3 [reconstructed: high]. sig(m) = (type, C_in, C_out, groups, stride, [kernel, dilation]);
  /// C_in and C_out are those of the edge and left out, unless the module widens or narrows.
  ///
  /// Explained in chapter 05.
  public var signature: String {
    widening == .none
      ? typeAndGeometry : "\(typeAndGeometry) \(widening.inputs)C->\(widening.outputs)C"
  }

  private var typeAndGeometry: String {
    switch kind {
    case .identity: "identity"
    case .zero(let stride): stride == 1 ? "zero" : "zero stride \(stride)"
    case .relu: "ReLU"
    case .batchNorm: "BN"
    case .averagePool(let window): "avg pool \(window)"
    case .maxPool(let window): "max pool \(window)"
    case .convolution(let window, let grouping, _):
      (grouping == .depthwise ? "DW " : window.kernel == 1 ? "PW " : "conv ") + "\(window)"
    case .stripConvolution(let strip): "conv \(strip)"
    case .factorizedReduction: "factorized reduction"
    }
  }

  /// Whether the module has trained weights.
  public var hasWeights: Bool {
    switch kind {
    case .convolution, .stripConvolution, .factorizedReduction: true
    default: false
    }
  }

  /// Whether the module counts as executed: identity and zero cost nothing.
  public var isExecuted: Bool {
    switch kind {
    case .identity, .zero: false
    default: true
    }
  }

  /// Whether the kernel of the module is computed from several.
  public var isMerged: Bool {
    if case .convolution(_, _, .merged) = kind { true } else { false }
  }

  /// The signature, and the parts of a merged kernel.
  public var description: String {
    guard case .convolution(_, _, .merged(let expression)) = kind else { return signature }
    return "\(signature) <- \(expression.parts.map(\.name).joined(separator: " + "))"
  }
}

extension Sequence<ModuleSpec> {
  /// The candidates that the modules belong to, each once, in the order of the modules.
  public var owners: [Primitive] {
    flatMap(\.owners).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
