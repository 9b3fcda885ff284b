import Datasets
import Messages
import SearchSpaces
import Tensors

/// What a search is made by, with its numbers: a gradient-based method, a gradual pruning, a sampling.
///
/// It has no state. It prepares a space, adapts settings, and makes a `Search`, which has one. Its description names it
/// with its numbers.
public protocol SearchAlgorithm: Sendable, CustomStringConvertible {
  /// Makes a space, simplified or not, the one that is searched: its node form and its derivation.
  func prepare(_ space: SearchSpace) -> SearchSpace
  /// Makes the settings of DARTS on a space those of this algorithm.
  func adapt(_ settings: inout SearchSettings)
  /// What the images are for, in words.
  var useOfImages: String { get }
  /// Whether its network has an auxiliary head, where the macro structure has a place for it.
  var usesAuxiliaryHead: Bool { get }
  /// Why it cannot search a space with its numbers, with a hint on the last line; nil if it can.
  ///
  /// The space may be simplified, and is not prepared.
  func objection(to space: SearchSpace) -> Message?
  /// How many units of work a search has at most.
  func units(_ settings: SearchSettings) -> Int
  /// Whether a step evaluates a sample of the operations, so that steps need unlike amounts of memory.
  var samplesOperations: Bool { get }
  /// The algorithm, with fewer steps where it can do with fewer, and the epochs in which its search still has steps of
  /// every kind: to measure how long they take.
  var rehearsal: (algorithm: any SearchAlgorithm, epochs: Int) { get }
  /// A search that is at its beginning, in a network whose space was prepared.
  func search<Network: Supernet>(_ network: Network, _ task: SearchTask) throws -> any Search
}

extension SearchAlgorithm {
  /// Leaves the space as it is.
  public func prepare(_ space: SearchSpace) -> SearchSpace { space }
  /// Leaves the settings as they are.
  public func adapt(_ settings: inout SearchSettings) {}
  /// Two halves.
  public var useOfImages: String { "half for the weights, half for alpha" }
  /// No auxiliary head.
  public var usesAuxiliaryHead: Bool { false }
  /// Any space will do.
  public func objection(to space: SearchSpace) -> Message? { nil }
  /// The epochs.
  public func units(_ settings: SearchSettings) -> Int { settings.epochs }
  /// Itself, for any number of epochs.
  public var rehearsal: (algorithm: any SearchAlgorithm, epochs: Int) { (self, 1000) }
  /// No sampling.
  public var samplesOperations: Bool { false }
}

extension SearchSpace {
  /// Why a method that has one logit for each candidate of an edge cannot search this space; nil if it can.
  func objectionToOwnLogits(of method: String) -> Message? {
    let operations = cells.flatMap(\.operations)
    guard operations.contains(where: { $0.initialLogits.count != candidates.count }) else {
      return nil
    }
    return """
      \(setting: "weights") N2: \(method) has one logit for each operation, and N2 gives the sums of an edge logits of their own
      Hint: leave \(setting: "weights") N2 out.
      """
  }
}

/// What a search works on, besides its network.
public struct SearchTask {
  /// The images; how many of them train what is the algorithm's affair.
  public let images: ImageSet
  /// The numbers of the search.
  public let settings: SearchSettings
  /// Where everything random comes from.
  public let seed: RandomGenerator
  /// The size of the network.
  public let size: NetworkSize
  /// Makes another network, of the same size, with the cells of another space.
  public let makeNetwork: (SearchSpace) -> any Supernet

  /// Creates a task; without `makeNetwork` the algorithm must do with one network.
  public init(
    _ images: ImageSet, _ settings: SearchSettings, size: NetworkSize, seed: RandomGenerator,
    makeNetwork: @escaping (SearchSpace) -> any Supernet = { space in
      preconditionFailure("no other network can be made for \(space.name)")
    }
  ) {
    (self.images, self.settings, self.size, self.seed) = (images, settings, size, seed)
    self.makeNetwork = makeNetwork
  }
}
