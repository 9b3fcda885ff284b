import NeuralNetworks
import SearchSpaces
import Tensors

/// All that changes in a search, at one moment between two steps.
///
/// With the settings, the images and the seed it determines everything that follows, to the last bit: what is
/// random follows from seed, epoch and step.
///
/// The names of the tensors:
///
///     value.NAME           weights, architecture parameters and running statistics
///     velocity.NAME        what the weights' SGD remembers, from the first step on
///     firstMoment.NAME     what alpha's Adam remembers, from the first step on
///     secondMoment.NAME
public struct SearchState: Sendable {
  /// How far the search is.
  public var progress: SearchProgress
  /// The steps of alpha so far.
  public var alphaSteps: Int
  /// The tensors by name.
  public var tensors: [String: Tensor]

  /// Creates a state from what was saved of one.
  public init(progress: SearchProgress, alphaSteps: Int, tensors: [String: Tensor]) {
    self.progress = progress
    self.alphaSteps = alphaSteps
    self.tensors = tensors
  }
}

extension SearchLoop {
  /// The state now; it shares the memory of the tensors until they change.
  public var state: SearchState {
    var tensors: [String: Tensor] = [:]
    // Before their first step optimizers remember nothing.
    func put(_ kind: String, _ values: [Tensor], of parameters: [Parameter]) {
      for (parameter, value) in zip(parameters, values) {
        let name = "\(kind).\(parameter.name)"
        precondition(tensors.updateValue(value, forKey: name) == nil, "two tensors named \(name)")
      }
    }
    put("value", changing.map(\.value), of: changing)
    put("velocity", step.weightOptimizer.velocities, of: network.parameters)
    put("firstMoment", step.alphaOptimizer.firstMoments, of: network.architectureParameters)
    put("secondMoment", step.alphaOptimizer.secondMoments, of: network.architectureParameters)
    return SearchState(
      progress: progress, alphaSteps: step.alphaOptimizer.steps, tensors: tensors)
  }

  /// Puts the search where `state` was taken; if it throws, nothing has changed.
  ///
  /// Space, settings, images and seed must be those of the search from which it was taken.
  public func restore(_ state: SearchState) throws(SearchStateError) {
    try check(state)
    var rest = state.tensors
    func take(_ kind: String, of parameters: [Parameter]) throws(SearchStateError) -> [Tensor] {
      var taken: [Tensor] = []
      for parameter in parameters {
        let (name, shape) = ("\(kind).\(parameter.name)", parameter.value.shape)
        guard let tensor = rest.removeValue(forKey: name) else { throw .missing(name) }
        guard tensor.shape == shape else {
          throw .shape(name, expected: shape, found: tensor.shape)
        }
        taken.append(tensor)
      }
      return taken
    }
    let values = try take("value", of: changing)
    let hasBegun = state.progress.epochs > 0 || state.progress.steps > 0
    let velocities = try take("velocity", of: hasBegun ? network.parameters : [])
    let moved = state.alphaSteps > 0 ? network.architectureParameters : []
    let (first, second) = (
      try take("firstMoment", of: moved), try take("secondMoment", of: moved)
    )
    if let name = rest.keys.min() { throw .unknown(name) }
    for (parameter, value) in zip(changing, values) { parameter.value = value }
    step.weightOptimizer.velocities = velocities
    step.alphaOptimizer.steps = state.alphaSteps
    (step.alphaOptimizer.firstMoments, step.alphaOptimizer.secondMoments) = (first, second)
    progress = state.progress
  }

  private var changing: [Parameter] {
    network.parameters + network.architectureParameters + network.buffers
  }

  private func check(_ state: SearchState) throws(SearchStateError) {
    let progress = state.progress
    let last = progress.epochs == settings.epochs ? 0 : stepsPerEpoch
    guard 0...settings.epochs ~= progress.epochs, 0...last ~= progress.steps,
      progress.stepSeconds.count == progress.steps,
      0...progress.steps * settings.batchSize ~= progress.correct,
      0...settings.epochs * stepsPerEpoch ~= state.alphaSteps
    else {
      throw .progress(epochs: settings.epochs, stepsPerEpoch: stepsPerEpoch, found: progress)
    }
  }
}

/// Why a state is not that of this search.
public enum SearchStateError: Error, Equatable, CustomStringConvertible {
  /// It lies outside of the search.
  case progress(epochs: Int, stepsPerEpoch: Int, found: SearchProgress)
  /// A tensor that the search has is not there.
  case missing(String)
  /// A tensor is there that the search has not.
  case unknown(String)
  /// A tensor has another shape.
  case shape(String, expected: Shape, found: Shape)

  /// The message for the user, with a hint on the last line.
  public var description: String {
    """
    the saved state is not one of this search: \(difference)
    Hint: go on with the program and the settings that began the search.
    """
  }

  private var difference: String {
    switch self {
    case .progress(let epochs, let steps, let found):
      "expected a place in \(epochs) epochs of \(steps) steps, found \(found.epochs) epochs and "
        + "\(found.steps) steps"
    case .missing(let name): "expected a tensor \(name), found none"
    case .unknown(let name): "expected no tensor \(name), found one"
    case .shape(let name, let expected, let found):
      "tensor \(name): expected the shape \(expected), found \(found)"
    }
  }
}
