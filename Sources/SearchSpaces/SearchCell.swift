import Autodiff
import NeuralNetworks
import Tensors

/// A cell of the supernet: every node is the sum of its edges.
final class SearchCell: Layer {
  private let space: SearchSpace
  private let edges: [PathNetwork]
  var parameters: [Parameter] { edges.flatMap(\.parameters) }
  var buffers: [Parameter] { edges.flatMap(\.buffers) }

  init(_ space: SearchSpace, channels: Int, name: String, seed: RandomGenerator) {
    self.space = space
    edges = zip(space.edges, space.paths).map { edge, path in
      PathNetwork(
        path, channels: channels, name: "\(name).edge\(edge.source)to\(edge.target)", seed: seed)
    }
  }

  /// D5-1: node_i = sum over j < i of o_ij(node_j), in one mixture a node.
  func callAsFunction(
    _ x: Variable, _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> Variable {
    var nodes = [x]
    for target in 1..<space.nodeCount {
      var (summands, shares): ([Summand], [EdgeWeight]) = ([], [])
      for (index, edge) in space.edges.enumerated() where edge.target == target {
        let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
        for (weight, summand) in edges[index].summands(nodes[edge.source], run) {
          summands.append(summand)
          shares.append(EdgeWeight(edge: index, weight: weight))
        }
      }
      nodes.append(node(summands, shares, weights, shape: x.shape))
    }
    return nodes[space.nodeCount - 1]
  }

  private func node(
    _ summands: [Summand], _ shares: [EdgeWeight], _ weights: RelaxedArchitecture, shape: Shape
  ) -> Variable {
    guard !summands.isEmpty else { return .constant(.zeros(shape)) }
    let isPlainSum = shares.allSatisfy { $0.weight == .one }
    return mixture(summands, weights: isPlainSum ? nil : weights.values(of: shares))
  }
}
