import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors

// What a run of DOTS searches: the operations in its first network, the pairs of edges in its second one, and what both
// stand for now.

extension DOTSSearch {
  /// alpha of each kind of cells of the first network.
  var alphas: [Parameter] {
    Array(network.architectureParameters.prefix(network.space.cells.count))
  }

  /// The two candidates of each edge that survived; they follow from alpha, which stands still afterwards.
  var survivors: [[[Int]]] { alphas.map { groups.survivors($0.value) } }

  /// The space of the second network.
  private var topologySpace: SearchSpace {
    network.space.with(MarginalEdges(.two, on: network.space.nodeForm))
  }

  /// A second network at its beginning: balance and pairs 0.
  func makeTopologyNetwork() -> any Supernet {
    let network = makeNetwork(topologySpace)
    for parameter in network.architectureParameters {
      parameter.value = .zeros(parameter.value.shape)
    }
    return network
  }

  /// Goes from the operations to the topology.
  func beginTopology(in network: any Supernet) {
    topologyNetwork = network
    (weightOptimizer, architectureOptimizer) = Self.optimizers(settings, betas: 0.9)
  }

  /// Goes back to the operations, of which nothing is known yet.
  func beginOperations() {
    topologyNetwork = nil
    (weightOptimizer, architectureOptimizer) = Self.optimizers(settings, betas: settings.alphaBeta1)
  }

  /// How the architecture becomes weights in an epoch.
  func relaxation(_ epoch: Int) -> any Relaxation {
    topologyNetwork == nil
      ? GroupedRelaxation(network.space.primitives)
      : BalanceRelaxation(
        survivors: survivors, temperature: Scalar(schedule.temperature(epoch)))
  }

  /// Balance [edges, 2] and beta [pairs] of each kind of cells; 0 before there is a second network.
  var balanceAndPairs: [(balance: Tensor, pairs: Tensor)] {
    let (kinds, edges) = (network.space.cells.count, network.space.edges.count)
    guard let parameters = topologyNetwork?.architectureParameters.map(\.value) else {
      return (0..<kinds).map { _ in (.zeros([edges, 2]), .zeros([topology.subsetCount])) }
    }
    let survivors = survivors
    return (0..<kinds).map { kind in
      let (logits, columns) = (parameters[kind], parameters[kind].shape[1])
      let numbers = survivors[kind].enumerated().flatMap { edge, own in
        own.map { logits[edge * columns + $0] }
      }
      return (Tensor(numbers, shape: [edges, 2]), parameters[kinds + kind])
    }
  }

  /// The edges that would be derived now.
  var derivedEdges: [[DerivedEdge]] {
    let space = network.space
    guard topologyNetwork != nil else {
      return alphas.map { alpha in
        let weights = logGroupedWeights(.constant(alpha.value), groups).value
        return StrongestEdges().edges(
          CellEvidence(space, logWeights: weights.reshaped(to: alpha.value.shape)))
      }
    }
    return zip(balanceAndPairs, survivors).map { numbers, survivors in
      dotsEdges(
        pairs: numbers.pairs, balance: numbers.balance, survivors: survivors,
        primitives: space.primitives, topology)
    }
  }

  /// What would be derived now.
  var genotype: Network.Genotype { Network.Genotype(derivedEdges, of: network.space) }
  /// What would be derived now, alone.
  var results: [Network.Genotype] { [genotype] }

  /// What the strongest choice of the least decided group of operations, or node, lacks to 1.
  func undecided(_ temperature: Double) -> Double {
    let shares = topologyNetwork == nil ? operationShares : pairShares(temperature)
    return shares.map { 1 - ($0.max() ?? 1) }.max() ?? 0
  }

  /// The weights of each group of each edge.
  private var operationShares: [[Double]] {
    alphas.flatMap { alpha in
      let columns = alpha.value.shape[1]
      let weights = groupedWeights(.constant(alpha.value), groups).value.doubles
      return network.space.edges.indices.flatMap { edge in
        groups.groups.map { group in group.map { weights[edge * columns + $0] } }
      }
    }
  }

  /// The probabilities of the pairs of each node.
  private func pairShares(_ temperature: Double) -> [[Double]] {
    balanceAndPairs.flatMap { numbers in
      let pi = subsetProbabilities(
        .constant(numbers.pairs), topology, temperature: Scalar(temperature)
      ).value.doubles
      return topology.nodes.map { Array(pi[$0.range]) }
    }
  }
}
