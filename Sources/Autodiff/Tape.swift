import Tensors

/// A record of the operations of one computation, in their order (a Wengert list).
///
/// The order of creation is a topological order, so gradients need one sweep from the last operation to
/// the first: no recursion, no sorting. Nothing accumulates on parameters; a tape gives its gradients
/// once, and frees what the operations kept as it goes.
///
///     let tape = Tape()
///     let x = tape.variable(Tensor(3))
///     let y = x * x
///     tape.gradients(of: y, withRespectTo: [x])[0].item  // 6
public final class Tape {
  /// One operation: its result's gradient is passed to its inputs by `pullback`.
  struct Record {
    let name: String
    let shape: Shape
    var pullback: LazyPullback?
    /// Whether it is a variable, which passes its gradient on to nobody.
    var isLeaf = false
  }

  private(set) var records: [Record] = []
  private var isSpent = false

  /// Creates an empty tape.
  public init() {}

  /// A value with respect to which gradients can be asked for.
  public func variable(_ value: Tensor, name: String = "variable") -> Variable {
    let variable = append(name, value) { _, _ in }
    records[records.count - 1].isLeaf = true
    return variable
  }

  /// The names of the operations so far, in their order.
  public var operations: [String] { records.map(\.name) }

  /// The derivative of the sum of `output` times `cotangent` with respect to each variable.
  ///
  /// Without a cotangent the output must be a single number. A variable that the output does not
  /// depend on gets zeros. The tape is spent afterwards.
  public func gradients(
    of output: Variable, cotangent: Tensor? = nil, withRespectTo variables: [Variable]
  ) -> [Tensor] {
    precondition(!isSpent, "this tape gave its gradients already; record a new one")
    precondition(
      cotangent.map { $0.shape == output.value.shape } ?? (output.value.shape.count == 1),
      "an output of shape \(output.value.shape) needs a cotangent of its shape, found "
        + "\(cotangent.map { "\($0.shape)" } ?? "none")")
    precondition(
      ([output] + variables).allSatisfy { $0.tape == nil || $0.tape === self },
      "gradients are asked for of variables of another tape")
    isSpent = true
    var gradients = Gradients(leaves: records.map(\.isLeaf))
    gradients.add(cotangent ?? Tensor(repeating: 1, shape: output.value.shape), to: output.slot)
    let kept = Set(variables.compactMap(\.slot.index))
    for index in records.indices.reversed() {
      let pullback = records[index].pullback.take()
      guard let cotangent = gradients.cotangent(at: index, removing: !kept.contains(index)) else {
        continue
      }
      pullback?(cotangent, &gradients)
    }
    return variables.map { variable in
      variable.slot.index.flatMap { gradients.cotangent(at: $0, removing: false)?.evaluated() }
        ?? .zeros(variable.value.shape)
    }
  }

  /// Appends an operation.
  func append(_ name: String, _ value: Tensor, pullback: @escaping LazyPullback) -> Variable {
    precondition(!isSpent, "this tape gave its gradients already; record a new one")
    records.append(Record(name: name, shape: value.shape, pullback: pullback))
    return Variable(value: value, tape: self, slot: .init(index: records.count - 1))
  }
}

/// Passes the gradient of an operation's result on to its inputs.
public typealias Pullback = (_ cotangent: Tensor, _ gradients: inout Gradients) -> Void

/// A pullback that can read a gradient which is not stored.
public typealias LazyPullback = (_ cotangent: LazyMap, _ gradients: inout Gradients) -> Void

/// The gradients found so far, one place an operation.
///
/// Most shares of a gradient are only noted down, and evaluated in one pass when the gradient is asked for: a node that
/// many edges leave gets its share of each without a pass over memory of its own.
public struct Gradients {
  fileprivate struct Place {
    var total: Tensor?
    var terms: [ChannelwiseSum.Term] = []
    var shift: Tensor?
    var pools = EqualPools<ChannelwiseSum.Term>()
    var shares: [any MapShare] = []
    /// The shape of what was pooled or has shares.
    var shape: Shape = []
    /// What has to be done when the shares were added.
    var completions: [(inout Gradients) -> Void] = []
  }

  private var places: [Place]
  private let leaves: [Bool]

  init(leaves: [Bool]) {
    places = Array(repeating: Place(), count: leaves.count)
    self.leaves = leaves
  }

  /// Whether anybody asks for the gradient at `slot`.
  public func needs(_ slot: Variable.Slot) -> Bool { slot.index != nil }

  /// Adds a share to the gradient at `slot`; it is not even computed if nobody asks for it.
  public mutating func add(_ share: @autoclosure () -> Tensor, to slot: Variable.Slot) {
    guard let index = slot.index else { return }
    guard places[index].total != nil else {
      places[index].total = share()
      return
    }
    places[index].total? += share()
  }

  /// Adds to the gradient at `slot` a sum of maps [..., C], each scaled channel by channel, and a shift [C].
  public mutating func add(
    _ terms: [ChannelwiseSum.Term], shift: Tensor? = nil, to slot: Variable.Slot
  ) {
    guard let index = slot.index else { return }
    for term in terms { places[index].add(term) }
    if let shift {
      places[index].shift = places[index].shift.map { $0 + shift } ?? shift
    }
  }

  /// Adds to the gradient of a map of `shape`, at `slot`, what a scaled gradient of its average pool gives.
  ///
  /// One pass spreads the gradients of equal pools.
  mutating func add(
    _ term: ChannelwiseSum.Term, pooledBy window: Window, of shape: Shape, to slot: Variable.Slot
  ) {
    guard let index = slot.index else { return }
    places[index].shape = shape
    places[index].pools.add(term, of: shape, pooledBy: window)
  }

  /// Whether a gradient at `slot` may come as late as that at `later` is asked for.
  ///
  /// It may if nobody needs it, if it is passed on to nobody, or if its own turn comes after that.
  func canWait(at slot: Variable.Slot, for later: Variable.Slot) -> Bool {
    guard let index = slot.index, let later = later.index else { return true }
    return leaves[index] || index < later
  }

  /// Lets a kernel add its share to the gradient of a map of `shape` at `slot`; then calls `completion`, if there is one.
  ///
  /// It happens `now`, or when that gradient is asked for, in one pass with all other shares.
  mutating func add(
    _ share: any MapShare, of shape: Shape, to slot: Variable.Slot, now: Bool,
    completion: ((inout Gradients) -> Void)? = nil
  ) {
    guard let index = slot.index else { return }
    places[index].shape = shape
    places[index].shares.append(share)
    if let completion { places[index].completions.append(completion) }
    if now { addShares(at: index) }
  }

  /// Adds what was noted of shares and pools to the gradient at `index`.
  private mutating func addShares(at index: Int) {
    var place = Place()
    swap(&place, &places[index])
    let pools = place.pools.groups.map {
      AveragePooling.Share(gradient: LazyMap($0.elements), $0.window, of: place.shape)
    }
    guard !(pools.isEmpty && place.shares.isEmpty) else { return swap(&place, &places[index]) }
    let accumulating = place.total != nil
    var total = place.total.take() ?? Tensor(uninitialized: place.shape)
    MapSum.evaluate(
      place.terms, shift: place.shift, pools + place.shares, into: &total,
      accumulating: accumulating)
    places[index].total = total
    for completion in place.completions { completion(&self) }
  }

  /// Lets a kernel add its share to the gradient at `slot` in place.
  ///
  /// `body` gets the gradient so far and true, or undefined memory of `shape` and false: it must then
  /// write all of it.
  public mutating func accumulate(
    into slot: Variable.Slot, shape: Shape, _ body: (inout Tensor, _ accumulating: Bool) -> Void
  ) {
    guard let index = slot.index else { return }
    places[index].accumulate(shape, body)
  }

  /// Takes the stored part of the gradient at `slot` out, for a kernel that adds to several at once.
  ///
  /// Returns it and true, or undefined memory of `shape` and false; nil if nobody asks for it. The kernel's
  /// result has to be given back.
  mutating func take(from slot: Variable.Slot, shape: Shape) -> (Tensor, accumulating: Bool)? {
    guard let index = slot.index else { return nil }
    let total = places[index].total.take()
    return (total ?? Tensor(uninitialized: shape), total != nil)
  }

  /// Gives back what was taken.
  mutating func give(_ total: Tensor, to slot: Variable.Slot) { add(total, to: slot) }

  /// The gradient at `index`, nil if nothing was added; one that stays is stored.
  mutating func cotangent(at index: Int, removing: Bool) -> LazyMap? {
    addShares(at: index)
    guard let map = places[index].map else { return nil }
    if removing {
      places[index] = Place()
      return map
    }
    let value = map.evaluated()
    places[index] = Place(total: value)
    return LazyMap(value)
  }
}

extension Gradients.Place {
  /// Notes a term; a map that is noted already only gets another scale.
  mutating func add(_ term: ChannelwiseSum.Term) {
    guard let known = terms.firstIndex(where: { $0.x.sharesStorage(with: term.x) }) else {
      terms.append(term)
      return
    }
    terms[known] = .init(term.x, scale: terms[known].scale + term.scale)
  }

  mutating func accumulate(_ shape: Shape, _ body: (inout Tensor, Bool) -> Void) {
    // Taken out, so that the kernel owns the memory alone and writes in place.
    let accumulating = total != nil
    var sum = total.take() ?? Tensor(uninitialized: shape)
    body(&sum, accumulating)
    total = sum
  }

  /// What was added so far.
  fileprivate var map: LazyMap? {
    let all = total.map { [ChannelwiseSum.Term($0, scale: 1)] + terms } ?? terms
    return all.isEmpty ? nil : LazyMap(all, shift: shift)
  }
}
