import Autodiff
import SearchSpaces
import Tensors

/// The relaxation of another method, with the marginals of the edges at a temperature.
///
/// What is inside an edge stays as it is; a simplification does not notice.
public struct TopologyRelaxation: Relaxation {
  private let operations: any Relaxation
  private let sizes: SubsetSizes
  private let temperature: Scalar
  /// Draws of the Gumbel distribution for each kind of cells, if one set per node is sampled.
  private let noises: [Tensor]?

  /// Creates the relaxation.
  ///
  /// - Parameters:
  ///   - operations: how alpha becomes the weights of the operations.
  ///   - sizes: how many edges a node may keep.
  ///   - temperature: tau > 0 of the sets.
  ///   - noises: draws of the Gumbel distribution, [subsets] for each kind of cells, to sample one set per node; nil to
  ///     weight all of them.
  public init(
    _ operations: any Relaxation, sizes: SubsetSizes, temperature: Scalar, noises: [Tensor]? = nil
  ) {
    precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
    self.operations = operations
    self.sizes = sizes
    self.temperature = temperature
    self.noises = noises
  }

  /// The values of the method underneath.
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    operations.values(of: weights, logits: logits)
  }
  /// Whether the method underneath yields zeros.
  public var yieldsZeros: Bool { operations.yieldsZeros }
  /// The auxiliary weight of the method underneath.
  public var auxiliaryWeight: Scalar { operations.auxiliaryWeight }

  /// The relaxation of one kind of cells, with its noise.
  public func forCells(ofKind kind: Int) -> any Relaxation {
    TopologyRelaxation(
      operations.forCells(ofKind: kind), sizes: sizes, temperature: temperature,
      noises: noises.map { [$0[kind]] })
  }

  /// The marginals [edges], or 0 and 1 if sets are sampled; the first of `parameters` is beta.
  public func edgeShares(
    _ parameters: [Variable], of edges: [SearchSpace.Edge], in form: any NodeForm
  ) -> Variable? {
    let topology = CellTopology(edges, sizes: sizes)
    let pi =
      noises.map {
        sampledSubsets(parameters[0], topology, temperature: temperature, noise: $0[0])
      } ?? subsetProbabilities(parameters[0], topology, temperature: temperature)
    return edgeMarginals(pi, topology)
  }
}
