import Messages
import NeuralNetworks
import SearchSpaces
import Tensors

/// All that changes in a search, or in the training of a derived cell, at one moment between two steps.
///
/// With the settings, the images and the seed it determines everything that follows, to the last bit: what is
/// random follows from seed, epoch and step.
///
/// The names of the tensors:
///
///     value.NAME           weights, architecture parameters, if there are any, and running statistics
///     velocity.NAME        what the weights' SGD remembers, from the first step on
///     firstMoment.NAME     what alpha's Adam remembers, from the first step on
///     secondMoment.NAME
public struct SearchState: Sendable {
  /// How far it is.
  public var progress: SearchProgress
  /// Numbers by name, for example `alpha_steps`, the steps of alpha so far.
  public var numbers: [String: Double]
  /// The tensors by name.
  public var tensors: [String: Tensor]

  /// Creates a state from what was saved of one.
  public init(
    progress: SearchProgress, numbers: [String: Double] = [:], tensors: [String: Tensor] = [:]
  ) {
    self.progress = progress
    self.numbers = numbers
    self.tensors = tensors
  }
}

extension SearchState {
  /// Adds tensors of one kind, a tensor `kind.NAME` for each parameter.
  ///
  /// Of an optimizer that remembers nothing yet there are none.
  public mutating func put(_ kind: String, _ values: [Tensor], of parameters: [Parameter]) {
    for (parameter, value) in zip(parameters, values) {
      let name = "\(kind).\(parameter.name)"
      precondition(tensors.updateValue(value, forKey: name) == nil, "two tensors named \(name)")
    }
  }

  /// Removes the tensors of one kind and returns them, in the order of the parameters.
  ///
  /// Throws if one is not there or has another shape than its parameter.
  public mutating func take(
    _ kind: String, of parameters: [Parameter]
  ) throws(SearchStateError) -> [Tensor] {
    var taken: [Tensor] = []
    for parameter in parameters {
      let (name, shape) = ("\(kind).\(parameter.name)", parameter.value.shape)
      guard let tensor = tensors.removeValue(forKey: name) else { throw .missing(name) }
      guard tensor.shape == shape else { throw .shape(name, expected: shape, found: tensor.shape) }
      taken.append(tensor)
    }
    return taken
  }

  /// Gives the parameters and running statistics of a network the values that they have here; all or none.
  public func load(_ parameters: [Parameter]) throws(SearchStateError) {
    var rest = self
    let values = try rest.take("value", of: parameters)
    for (parameter, value) in zip(parameters, values) { parameter.value = value }
  }

  /// The number of this name, which must be a whole one in `range`.
  public func count(_ name: String, in range: ClosedRange<Int>) throws(SearchStateError) -> Int {
    guard let found = numbers[name], let count = Int(exactly: found), range.contains(count) else {
      throw .number(name, expected: "a whole number in \(range)", found: numbers[name])
    }
    return count
  }

  /// The finite number of this name.
  public func number(_ name: String) throws(SearchStateError) -> Double {
    guard let found = numbers[name], found.isFinite else {
      throw .number(name, expected: "a number", found: numbers[name])
    }
    return found
  }

  /// Throws if a tensor is left that nobody took.
  public func checkAllTaken() throws(SearchStateError) {
    if let name = tensors.keys.min() { throw .unknown(name) }
  }

  /// Throws if the progress lies outside of `epochs` epochs of `stepsPerEpoch` steps of `batchSize` images.
  public func checkProgress(epochs: Int, stepsPerEpoch: Int, batchSize: Int)
    throws(SearchStateError)
  {
    let last = progress.units == epochs ? 0 : stepsPerEpoch
    guard 0...epochs ~= progress.units, 0...last ~= progress.steps,
      progress.stepSeconds.count == progress.steps,
      0...progress.steps * batchSize ~= progress.correct
    else { throw .progress(epochs: epochs, stepsPerEpoch: stepsPerEpoch, found: progress) }
  }
}

/// What can be saved between two steps, and goes on from there as if it had not stopped.
public protocol ResumableLoop: AnyObject {
  /// How far it is.
  var progress: SearchProgress { get }
  /// The state now; it shares the memory of the tensors until they change.
  var state: SearchState { get }
  /// Goes to where `state` was taken; if it throws, nothing has changed.
  ///
  /// Network, settings, images and seed must be those from which it was taken.
  func restore(_ state: SearchState) throws(SearchStateError)
}

extension BilevelSearch: ResumableLoop {
  /// The state now; it shares the memory of the tensors until they change.
  public var state: SearchState {
    var state = SearchState(
      progress: progress, numbers: [Self.alphaSteps: Double(step.alphaOptimizer.steps)])
    state.put("value", changing.map(\.value), of: changing)
    state.put("velocity", step.weightOptimizer.velocities, of: network.parameters)
    let alphas = network.architectureParameters
    state.put("firstMoment", step.alphaOptimizer.firstMoments, of: alphas)
    state.put("secondMoment", step.alphaOptimizer.secondMoments, of: alphas)
    return state
  }

  /// Puts the search where `state` was taken; if it throws, nothing has changed.
  ///
  /// Space, settings, images and seed must be those of the search from which it was taken.
  public func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: settings.epochs, stepsPerEpoch: stepsPerEpoch, batchSize: settings.batchSize)
    var rest = state
    let values = try rest.take("value", of: changing)
    let velocities = try rest.take(
      "velocity", of: state.progress.hasBegun ? network.parameters : [])
    let alphaSteps = try state.count(
      Self.alphaSteps, in: 0...settings.epochs * stepsPerEpoch)
    let moved = alphaSteps > 0 ? network.architectureParameters : []
    let first = try rest.take("firstMoment", of: moved)
    let second = try rest.take("secondMoment", of: moved)
    try rest.checkAllTaken()
    for (parameter, value) in zip(changing, values) { parameter.value = value }
    step.weightOptimizer.velocities = velocities
    step.alphaOptimizer.steps = alphaSteps
    (step.alphaOptimizer.firstMoments, step.alphaOptimizer.secondMoments) = (first, second)
    progress = state.progress
  }

  private static var alphaSteps: String { "alpha_steps" }

  private var changing: [Parameter] {
    network.parameters + network.architectureParameters + network.buffers
  }
}

/// Why a state is not that of this search, or of this training.
public enum SearchStateError: UserError, Equatable {
  /// The progress lies outside of all epochs and steps.
  case progress(epochs: Int, stepsPerEpoch: Int, found: SearchProgress)
  /// A number is missing, or impossible.
  case number(String, expected: String, found: Double?)
  /// A tensor of the state is missing.
  case missing(String)
  /// A tensor is there that does not belong to it.
  case unknown(String)
  /// A tensor has another shape.
  case shape(String, expected: Shape, found: Shape)

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode { .badData }

  /// The message for the user, with a hint on the last line.
  public var message: Message {
    """
    the saved state is not one of this run: \(difference)
    Hint: go on with the program and the settings that began the run.
    """
  }

  private var difference: Message {
    switch self {
    case .progress(let epochs, let steps, let found):
      "expected a place in \(epochs) epochs of \(steps) steps, found \(found.units) epochs and "
        + "\(found.steps) steps"
    case .number(let name, let expected, let found):
      "\(name): expected \(expected), found \(found.map { "\($0)" } ?? "none")"
    case .missing(let name): "expected a tensor \(name), found none"
    case .unknown(let name): "expected no tensor \(name), found one"
    case .shape(let name, let expected, let found):
      "tensor \(name): expected the shape \(expected), found \(found)"
    }
  }
}
