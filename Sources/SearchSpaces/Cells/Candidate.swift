import Tensors

/// A candidate operation of a search space: a name, and what it computes.
public struct Candidate: Sendable {
  /// The name.
  public let primitive: Primitive
  /// What the candidate computes on an edge of a supernet, at a stride of 1 or 2.
  public let path: @Sendable (_ stride: Int) -> Path
  /// What the candidate computes in a derived cell.
  public let derivedPath: @Sendable (_ stride: Int) -> Path

  /// Creates a candidate.
  ///
  /// - Parameters:
  ///   - primitive: the name, of letters, digits and underscores.
  ///   - derivedPath: what it computes in a derived cell; nil is the same.
  ///   - path: what it computes on an edge of a supernet, at a stride of 1 or 2.
  public init(
    _ primitive: Primitive, derivedPath: (@Sendable (_ stride: Int) -> Path)? = nil,
    path: @escaping @Sendable (_ stride: Int) -> Path
  ) {
    self.primitive = primitive
    self.path = path
    self.derivedPath = derivedPath ?? path
  }
}

extension Path {
  /// A skip connection: the identity, at stride 2 ReLU, factorized reduction and batch norm.
  static func skipConnection(stride: Int) -> Path {
    guard stride > 1 else { return .module(ModuleSpec(.identity, of: .skipConnect)) }
    return .chain([
      ModuleSpec(.relu, of: .skipConnect, role: "relu"),
      ModuleSpec(.factorizedReduction, of: .skipConnect, role: "fr"),
      ModuleSpec(.batchNorm, of: .skipConnect, role: "bn"),
    ])
  }
}
