import Autodiff
import SearchSpaces
import Settings
import Tensors

/// beta-DARTS: Ye et al., *beta-DARTS: Beta-Decay Regularization for Differentiable Architecture Search*, 2022.
///
/// DARTS, first order, with a term that keeps the logits of an edge from growing apart.
public struct BetaDARTS: SearchMethod {
  /// What the weight of the term grows to.
  public let maximumWeight: Double

  /// Creates the method.
  public init(maximumWeight: Double = 50) { self.maximumWeight = maximumWeight }

  /// The name of the method and the weight of its decay.
  public var description: String { "beta-DARTS, the decay's weight from 0 to \(maximumWeight)" }

  /// The weight decay of the weights is that of the published code on both spaces; the order of a step and
  /// the form of the momentum stay those of DARTS on the space.
  public func adapt(_ settings: inout SearchSettings) { settings.weightDecay = 3e-4 }

  /// The gradient of L_val + lambda L_beta; the loss is L_val alone.
  public func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    let result = firstOrderArchitectureGradient(
      of: step.network, validation: step.validation, step.relaxation)
    let space = step.network.space
    // The alphas of all kinds of cells come first; what nodes have besides them does not decay.
    let alphas = step.network.architectureParameters.prefix(space.cells.count).map(\.value)
    let decay = betaDecayGradient(alphas, counts: space.logitCounts)
    let weight = Scalar(
      betaDecayWeight(epoch: step.moment.epoch, of: step.moment.epochs, maximum: maximumWeight))
    return BatchResult(
      loss: result.loss, correct: result.correct,
      gradients: zip(result.gradients, decay).map { $0 + weight * $1 }
        + result.gradients.dropFirst(decay.count))
  }
}

/// The beta decay of the logits [edges, columns] of all kinds of cells.
///
/// Equation: D4-1 [published: Sunshine-Ye/Beta-DARTS]. L_beta = mean over the edges e of logsumexp(alpha_e).
///
/// Explained in chapter 15.
public func betaDecay(_ logits: [Variable]) -> Variable {
  let edges = logits.reduce(0) { $0 + $1.shape[0] }
  let totals = logits.map { logits in
    let columns = logits.shape[1]
    return sum(
      logSumExp(
        logits,
        groups: (0..<logits.shape[0]).map { Array($0 * columns..<($0 + 1) * columns) }))
  }
  return (1 / Scalar(edges)) * totals.dropFirst().reduce(totals[0], +)
}

/// The gradient of the beta decay with respect to the logits [edges, columns] of each kind of cells.
///
/// Where nested sums have logits of their own (N2), all logits of an edge count; no publication says how.
/// Edges can then have fewer logits than columns: `counts` tells how many, for each kind of cells and edge.
///
/// Equation: D4-2 [published: Sunshine-Ye/Beta-DARTS]. softmax(alpha_e) / |E|: all logits fall, the largest most.
///
/// Explained in chapter 15.
public func betaDecayGradient(_ logits: [Tensor], counts: [[Int]]? = nil) -> [Tensor] {
  let edges = logits.reduce(0) { $0 + $1.shape[0] }
  return logits.enumerated().map { kind, logits in
    guard let counts = counts?[kind] else { return (1 / Scalar(edges)) * logits.softmax() }
    return (1 / Scalar(edges)) * softmax(logits, counts)
  }
}

/// The softmax over the first `counts[e]` columns of row e; 0 elsewhere.
private func softmax(_ logits: Tensor, _ counts: [Int]) -> Tensor {
  let columns = logits.shape[1]
  var result = Tensor.zeros(logits.shape)
  for (row, count) in counts.enumerated() {
    let own = Tensor((0..<count).map { logits[row * columns + $0] }, shape: [1, count]).softmax()
    for column in 0..<count { result[row * columns + column] = own[column] }
  }
  return result
}

/// The weight of the beta decay in the architecture's loss, in an epoch counted from 0.
///
/// Equation: D4-3 [published: Sunshine-Ye/Beta-DARTS]. L_val + lambda(e) L_beta, lambda(e) = 0.5 e in 100 epochs, first
/// order only.
///
/// Equation: TS-30 [published: beta-DARTS]. L_val + lambda(t) mean over e of logsumexp(a_e), lambda linear from 0 to 50
/// over the search. The logits of a simplified space are the flat ones, so nothing changes.
///
/// Explained in chapter 15.
public func betaDecayWeight(epoch: Int, of epochs: Int, maximum: Double) -> Double {
  maximum * Double(epoch) / Double(epochs)
}

extension BetaDARTS {
  /// beta-DARTS in the list of methods.
  public static let entry = MethodEntry(
    "beta-darts", summary: "beta-DARTS: a decay that keeps logits together",
    settings: [
      Setting(
        "lambda", .number(0...1_000_000),
        help: "what the weight of the decay grows to, from 0.",
        standard: .number(BetaDARTS().maximumWeight))
    ],
    published: { space in .init(epochs: space == SearchSpace.nasBench201.name ? 100 : nil) }
  ) { values, _ in BetaDARTS(maximumWeight: values.number("lambda")) }
}
