import Autodiff
import Tensors

/// How a node of a searched cell combines the edges that lead to it.
///
/// A search method chooses the form, and the form's mathematics stands with that method. The cell knows neither which
/// form it has nor whether the operations inside were simplified; no derived architecture shows the form.
///
/// Equation: TS-1b [published: PC-DARTS, GDAS]. PC-DARTS: f acts on the first C / K channels, the rest bypasses;
/// GDAS: alpha is replaced by h of TS-31, which is a relaxation and changes no form.
///
/// Explained in chapter 06.
public protocol NodeForm: Sendable {
  /// K: the first C / K channels of a map go through the operations; 1 is all of them.
  var channelDivisor: Int { get }
  /// The parameters that the architecture of one kind of cells has besides alpha.
  func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter]
  /// The logarithm [edges] of what each edge is multiplied by in its node; nil if each counts 1.
  ///
  /// `parameters` are the values of those that `parameters(of:)` asks for, in that order.
  func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable?
  /// What each node that is no input is multiplied by in the output of its cell, [nodes]; nil if each counts 1.
  ///
  /// `edgeShares` are those of the pass, at its temperature. The output of a space whose cells end in one node does not
  /// ask.
  func outputShares(_ edgeShares: Variable?, edges: [SearchSpace.Edge]) -> Variable?
  /// The path that runs beside the operation of an edge; nil if there is none.
  ///
  /// Its result is multiplied by the relaxation's `auxiliaryWeight`.
  func pathBeside(edge: Int, of cell: SearchSpace.Cell) -> Path?
  /// The node [N, H, W, C], given the sum [N, H, W, C / K] of its edges' operations.
  func node(_ operated: Variable, _ incoming: IncomingEdges) -> Variable
}

extension NodeForm {
  /// All channels go through the operations.
  public var channelDivisor: Int { 1 }
  /// There is nothing besides alpha.
  public func parameters(of edges: [SearchSpace.Edge]) -> [ArchitectureParameter] { [] }
  /// Each edge counts 1.
  public func logEdgeShares(_ parameters: [Variable], edges: [SearchSpace.Edge]) -> Variable? {
    nil
  }
  /// Each node counts 1.
  public func outputShares(_ edgeShares: Variable?, edges: [SearchSpace.Edge]) -> Variable? { nil }
  /// Nothing runs beside an operation.
  public func pathBeside(edge: Int, of cell: SearchSpace.Cell) -> Path? { nil }
  /// The sum of the operations is the node.
  public func node(_ operated: Variable, _ incoming: IncomingEdges) -> Variable { operated }
}

/// The node of DARTS: the sum of its edges.
public struct PlainSum: NodeForm {
  /// Creates the form.
  public init() {}
}

/// A parameter of the architecture that a node form asks for.
public struct ArchitectureParameter: Sendable {
  /// The name, for example `beta`; the kind of the cells is added to it.
  public let name: String
  /// The shape.
  public let shape: Shape
  /// The standard deviation of the normal distribution that the values are drawn from; 0 starts at 0.
  public let deviation: Scalar
  /// Whether a vector of as many numbers as there are edges has one for each edge: it is then recorded with them.
  public let isPerEdge: Bool

  /// Creates a parameter that starts near 0, as alpha does.
  public init(_ name: String, shape: Shape, deviation: Scalar = 1e-3, isPerEdge: Bool = true) {
    self.name = name
    self.shape = shape
    self.deviation = deviation
    self.isPerEdge = isPerEdge
  }
}

/// The edges that lead to one node, as a node form sees them.
public struct IncomingEdges {
  /// The edges, as indices into those of the cell.
  public let edges: [Int]
  /// The nodes that they start from, in the same order.
  public let sources: [NodeMap]
  /// What each edge of the cell is multiplied by, [edges]; nil if each counts 1.
  public let shares: Variable?

  /// The sum of a map per edge, each times the share of its edge.
  public func sum(_ map: (NodeMap) -> Variable) -> Variable {
    mixture(sources.map { .identity(map($0)) }, weights: shares.map { gather($0, edges) })
  }
}

/// A node as the edges that leave it see it: what several of them need is computed once.
public final class NodeMap {
  /// The map [N, H, W, C].
  public let value: Variable
  private let divisor: Int
  private var channels: Int { value.shape.channels }
  /// The first C / K channels, which go through operations.
  lazy var operand = PathInput(
    divisor == 1 ? value : Autodiff.channels(value, 0..<channels / divisor))
  private lazy var others = PathInput(Autodiff.channels(value, channels / divisor..<channels))

  init(_ value: Variable, divisor: Int) {
    self.value = value
    self.divisor = divisor
  }

  /// The channels that no operation sees, [N, H, W, C - C / K].
  public var rest: Variable { others.value }
  /// The same channels, max-pooled.
  public func pooledRest(_ window: Window) -> Variable { others.maxPooled(window).value }
}

extension SearchSpace {
  /// The same cells with another form of their nodes.
  ///
  /// Equation: TS-32 [published: PC-DARTS]. The simplified edge is built on C / K channels, K = 4, and the edge
  /// normalization is untouched: the form and the simplification commute.
  ///
  /// Explained in chapter 24.
  public func with(_ form: any NodeForm) -> SearchSpace {
    precondition(
      form.channelDivisor >= 1, "expected 1 or more parts of the channels, found \(form)")
    var space = self
    space.nodeForm = form
    return space
  }
}
