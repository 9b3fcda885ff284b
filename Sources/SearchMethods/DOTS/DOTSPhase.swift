import NeuralNetworks

/// The four phases of the published run of DOTS, which has 70 epochs, counted from 0.
///
/// The second-order variant of its topology search calls a method that does not exist, so that all of it is first order.
public enum DOTSPhase: String, CaseIterable, Codable, Sendable {
  /// The weights alone, with all operations.
  case operationTraining
  /// The weights and the logits of the operations.
  case operationSearch
  /// The weights alone of a new network, with two operations per edge.
  case topologyTraining
  /// The weights, the logits of the pairs and the balance.
  case topologySearch

  /// How many epochs a run has.
  public static let epochCount = 70

  /// The epochs of the phase.
  public var epochs: Range<Int> {
    switch self {
    case .operationTraining: 0..<15
    case .operationSearch: 15..<30
    case .topologyTraining: 30..<50
    case .topologySearch: 50..<70
    }
  }

  /// The phase of an epoch.
  public init(epoch: Int) {
    guard let phase = Self.allCases.first(where: { $0.epochs.contains(epoch) }) else {
      preconditionFailure("expected an epoch from 0 to \(Self.epochCount - 1), found \(epoch)")
    }
    self = phase
  }

  /// T of the pairs in an epoch: 1 outside of the topology search.
  public func temperature(epoch: Int) -> Double {
    guard self == .topologySearch else { return 1 }
    return annealedTemperature(epoch: epoch - epochs.lowerBound, of: epochs.count)
  }

  /// Whether weights, running statistics and both optimizers are new at the start of the phase.
  public var beginsAnew: Bool { self == .operationTraining || self == .topologyTraining }

  /// How many cells its network has.
  ///
  /// Equation: A-20 [published: guyuchao/DOTS]. op_search_layers = 8 in both networks; the option tp_search_layers = 20 is read
  /// by nothing.
  ///
  /// Explained in chapter 25.
  public var cells: Int { 8 }
}

// MARK: - Data

extension DOTSPhase {
  /// A part of the training images.
  public enum Images: String, Sendable {
    /// The first half, in random order.
    case firstHalf
    /// The second half, in random order.
    case secondHalf
    /// All, in the order of the file.
    case allInOrder
  }

  /// The images that train the weights.
  ///
  /// Equation: A-18 [published: guyuchao/DOTS]. Epochs 0 to 49 train w on the first half of the training set; the operation
  /// search takes batches for alpha from the second half, alpha before w, in two passes; the topology search takes one
  /// pass on the whole set, unshuffled, for w, clipped at 5, and then beta and balance.
  ///
  /// Explained in chapter 25.
  public var imagesOfWeights: Images { self == .topologySearch ? .allInOrder : .firstHalf }

  /// The images that train the architecture; nil where it rests.
  public var imagesOfArchitecture: Images? {
    switch self {
    case .operationTraining, .topologyTraining: nil
    case .operationSearch: .secondHalf
    case .topologySearch: .allInOrder
    }
  }

  /// Whether a step moves the architecture before the weights.
  public var movesArchitectureFirst: Bool { self == .operationSearch }

  /// Whether the architecture follows the gradient of the batch, and of the pass, that moves the weights.
  public var isOneLevel: Bool { self == .topologySearch }
}

/// The learning rate of the weights of DOTS in an epoch from 0 to 69.
///
/// Equation: A-17 [published: guyuchao/DOTS]. eta(e) = 0.001 + 0.012 (1 + cos(pi e / 70)): one cosine, which the new network
/// of epoch 30 does not begin anew.
///
/// Explained in chapter 25.
public func dotsLearningRate(epoch: Int) -> Double {
  cosineLearningRate(epoch: epoch, of: DOTSPhase.epochCount, from: 0.025, to: 0.001)
}
