import Autodiff
import Tensors

/// A tensor that a network owns and an optimizer changes: a weight, or the architecture's alpha.
///
/// A reference, so that a network and its optimizer speak of the same one. It carries no gradient.
public final class Parameter {
  /// The place of the parameter in the network, for example `cells.3.edge.0.nor_conv_3x3.weight`.
  public let name: String
  /// The value.
  public var value: Tensor

  /// Creates a parameter with its initial value.
  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }
}

/// Something with parameters.
public protocol Layer: AnyObject {
  /// What an optimizer changes, in a fixed order.
  var parameters: [Parameter] { get }
  /// What else belongs to the state: running statistics, in a fixed order.
  var buffers: [Parameter] { get }
}

extension Layer {
  /// Most layers have no running statistics.
  public var buffers: [Parameter] { [] }
}

/// One evaluation of a network: its mode, and the tape if gradients are wanted.
///
/// Only the parameters listed are put on the tape. So an architecture step, which lists alpha alone,
/// computes no weight gradients, and an evaluation, which lists none, keeps nothing.
public final class ForwardPass {
  /// What batch normalization (and, where used, dropout) does.
  public enum Mode: Sendable {
    /// Batch statistics, and running statistics are updated.
    case training
    /// Running statistics.
    case evaluation
  }

  /// What batch normalization does.
  public let mode: Mode
  private let tape = Tape()
  private let variables: [Variable]
  private let places: [ObjectIdentifier: Int]

  /// Starts an evaluation that can yield the gradients of `parameters`.
  public init(_ mode: Mode, differentiating parameters: [Parameter] = []) {
    self.mode = mode
    variables = parameters.map { [tape] in tape.variable($0.value, name: $0.name) }
    places = Dictionary(
      zip(parameters.map(ObjectIdentifier.init), parameters.indices),
      uniquingKeysWith: { a, _ in a })
  }

  /// The parameter on this pass's tape, or as a constant if its gradient is not wanted.
  public func variable(_ parameter: Parameter) -> Variable {
    places[ObjectIdentifier(parameter)].map { variables[$0] } ?? .constant(parameter.value)
  }

  /// The gradients of `loss`, in the order of the parameters; the pass is spent afterwards.
  public func gradients(of loss: Variable) -> [Tensor] {
    tape.gradients(of: loss, withRespectTo: variables)
  }
}
