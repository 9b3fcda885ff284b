import Autodiff
import NeuralNetworks
import Tensors

/// The searched part of a cell: every node is the sum of its edges.
final class SearchCell: Layer {
  private let space: SearchSpace
  private let edges: [PathNetwork]
  var parameters: [Parameter] { edges.flatMap(\.parameters) }
  var buffers: [Parameter] { edges.flatMap(\.buffers) }

  /// Creates the cell of `kind` (an index into the space's cells) for `channels` channels.
  init(_ space: SearchSpace, kind: Int = 0, channels: Int, name: String, seed: RandomGenerator) {
    self.space = space
    edges = zip(space.edges, space.cells[kind].operations).map { edge, operation in
      PathNetwork(
        operation.path, channels: channels, name: "\(name).edge\(edge.source)to\(edge.target)",
        seed: seed)
    }
  }

  /// All nodes, the inputs first: x_j = sum over i < j of o_ij(x_i), in one mixture a node.
  func callAsFunction(
    _ inputs: [Variable], _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> [Variable] {
    var nodes = inputs.map { PathInput($0) }
    for target in space.inputCount..<space.nodeCount {
      let incoming = space.edges.indices.filter { space.edges[$0].target == target }
      nodes.append(PathInput(node(incoming, nodes, weights, pass)))
    }
    return nodes.map(\.value)
  }

  private func node(
    _ incoming: [Int], _ nodes: [PathInput], _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    var (summands, shares): ([Summand], [EdgeWeight]) = ([], [])
    for index in incoming {
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
      for (weight, summand) in edges[index].summands(nodes[space.edges[index].source], run) {
        summands.append(summand)
        shares.append(EdgeWeight(edge: index, weight: weight))
      }
    }
    guard !summands.isEmpty else {
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: incoming[0])
      return edges[incoming[0]].value(nodes[space.edges[incoming[0]].source], run)
    }
    let isPlainSum = shares.allSatisfy { $0.weight == .one }
    return mixture(summands, weights: isPlainSum ? nil : weights.values(of: shares))
  }
}
