import Tensors

/// A tensor that may be part of a tape.
///
/// A constant is a variable without a tape: operations on constants alone record nothing, so evaluation
/// and training run the same code.
public struct Variable {
  /// Where a variable's gradient is collected; nowhere for a constant.
  ///
  /// A pullback captures slots rather than variables, so that it keeps only the values it needs.
  public struct Slot: Sendable {
    let index: Int?
  }

  /// The value.
  public let value: Tensor
  let tape: Tape?
  /// Where its gradient is collected.
  public let slot: Slot

  init(value: Tensor, tape: Tape?, slot: Slot) {
    self.value = value
    self.tape = tape
    self.slot = slot
  }

  /// A value that has no gradient.
  public static func constant(_ value: Tensor) -> Variable {
    Variable(value: value, tape: nil, slot: .init(index: nil))
  }

  /// The extents of the value.
  public var shape: Shape { value.shape }

  /// The value of a variable that holds one number.
  public var item: Scalar { value.item }

  /// Whether a gradient is collected for it.
  public var isTracked: Bool { tape != nil }

  /// The result of an operation on `inputs`, recorded on their tape if one of them is tracked.
  ///
  /// `pullback` gets the gradient of the result and adds to each input's slot what belongs there.
  public static func result(
    of name: String, _ inputs: [Variable], _ value: Tensor, pullback: @escaping Pullback
  ) -> Variable {
    lazyResult(of: name, inputs, value) { pullback($0.evaluated(), &$1) }
  }

  /// The same for an operation that can read a gradient which is not stored.
  public static func lazyResult(
    of name: String, _ inputs: [Variable], _ value: Tensor, pullback: @escaping LazyPullback
  ) -> Variable {
    guard let tape = inputs.lazy.compactMap(\.tape).first else { return .constant(value) }
    precondition(
      inputs.allSatisfy { $0.tape == nil || $0.tape === tape },
      "the inputs of \(name) belong to different tapes")
    return tape.append(name, value, pullback: pullback)
  }
}
