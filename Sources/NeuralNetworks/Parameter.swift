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
  /// How far running statistics move toward those of the batch; nil is what each layer says.
  let momentum: Scalar?
  private let tape = Tape()
  private let variables: [Variable]
  private let places: [ObjectIdentifier: Int]
  private var used: Set<Int> = []

  /// Starts an evaluation that can yield the gradients of `parameters`.
  ///
  /// - Parameters:
  ///   - mode: what batch normalization does.
  ///   - parameters: those whose gradients are wanted.
  ///   - momentum: how far running statistics move toward those of the batch in training mode, in [0, 1]; nil is what
  ///     each layer says. With 1 / (k + 1) in pass k = 0, 1, 2, ... they become the mean over these passes.
  public init(
    _ mode: Mode, differentiating parameters: [Parameter] = [], momentum: Scalar? = nil
  ) {
    precondition(
      momentum.map { 0...1 ~= $0 } ?? true, "a momentum lies in [0, 1], found \(momentum ?? 0)")
    self.mode = mode
    self.momentum = momentum
    variables = parameters.map { [tape] in tape.variable($0.value, name: $0.name) }
    places = Dictionary(
      zip(parameters.map(ObjectIdentifier.init), parameters.indices),
      uniquingKeysWith: { a, _ in a })
  }

  /// The parameter on this pass's tape, or as a constant if its gradient is not wanted.
  public func variable(_ parameter: Parameter) -> Variable {
    guard let place = places[ObjectIdentifier(parameter)] else { return .constant(parameter.value) }
    used.insert(place)
    return variables[place]
  }

  /// Which of the parameters whose gradients are wanted the pass has asked for, ascending.
  ///
  /// Layers ask for the weights of what they execute, so these are the weights of the architecture that was evaluated.
  public var usedPlaces: [Int] { used.sorted() }

  /// The gradients of `loss`, in the order of the parameters; the pass is spent afterwards.
  public func gradients(of loss: Variable) -> [Tensor] {
    tape.gradients(of: loss, withRespectTo: variables)
  }

  /// The gradients of `loss` for the parameters at `usedPlaces`, in their order; the pass is spent afterwards.
  public func usedGradients(of loss: Variable) -> [Tensor] {
    tape.gradients(of: loss, withRespectTo: usedPlaces.map { variables[$0] })
  }
}
