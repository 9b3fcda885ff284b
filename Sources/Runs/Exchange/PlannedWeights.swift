import NeuralNetworks
import Reports
import SearchMethods
import SearchSpaces

extension EvaluationPlan {
  /// The numbers of a network of this plan.
  package func weights(of network: any DiscreteNetwork, classes: Int) -> NetworkWeights {
    NetworkWeights(
      parameters: network.parameters + network.buffers,
      identity: [
        .network: "derived", .space: space.rawValue, .genotype: genotype.text,
        .channels: "\(channels)", .cells: "\(cells)", .classes: "\(classes)",
      ])
  }
}

extension SearchPlan {
  /// The numbers of a supernet of this plan.
  package func weights(of network: some Supernet, classes: Int) throws -> NetworkWeights {
    NetworkWeights(
      parameters: network.parameters + network.architectureParameters + network.buffers,
      identity: [
        .network: "supernet", .space: space.rawValue, .channels: "\(channels)",
        .cells: "\(cells)", .classes: "\(classes)", .method: method.name,
        .simplification: try simplification.map { try JSONText.line($0) } ?? "none",
      ])
  }
}
