import Autodiff
import NeuralNetworks
import Tensors

/// The searched part of a cell: every node is the sum of its edges.
final class SearchCell: Layer {
  private let space: SearchSpace
  private let edges: [PathNetwork]
  /// What stands beside each edge; none if the form of the edges has nothing there.
  private let skips: [PathNetwork]
  var parameters: [Parameter] { (edges + skips).flatMap(\.parameters) }
  var buffers: [Parameter] { (edges + skips).flatMap(\.buffers) }

  /// Creates the cell of `kind` (an index into the space's cells) for `channels` channels.
  init(_ space: SearchSpace, kind: Int = 0, channels: Int, name: String, seed: RandomGenerator) {
    let (divisor, cell) = (space.edgeForm.channelDivisor, space.cells[kind])
    precondition(channels % divisor == 0, "\(channels) channels are no \(divisor) equal parts")
    func networks(_ paths: [Path], _ suffix: String) -> [PathNetwork] {
      zip(space.edges, paths).map { edge, path in
        PathNetwork(
          path, channels: channels / divisor,
          name: "\(name).edge\(edge.source)to\(edge.target)\(suffix)", seed: seed)
      }
    }
    self.space = space
    edges = networks(cell.operations.map(\.path), "")
    skips = space.edgeForm.hasAuxiliarySkip ? networks(cell.skips, ".auxiliary") : []
  }

  /// All nodes, the inputs first: x_j = sum over i < j of o_ij(x_i), in one mixture a node.
  func callAsFunction(
    _ inputs: [Variable], _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> [Variable] {
    let divisor = space.edgeForm.channelDivisor
    var nodes = inputs.map { CellNode($0, divisor: divisor) }
    for target in space.inputCount..<space.nodeCount {
      let incoming = space.edges.indices.filter { space.edges[$0].target == target }
      nodes.append(CellNode(node(incoming, nodes, weights, pass), divisor: divisor))
    }
    return nodes.map(\.value)
  }

  /// The node that some edges lead to.
  ///
  /// The published code concatenates and shuffles on every edge. Both are linear and the same for all, so here the
  /// edges are added first.
  ///
  /// Equation: D2-1 [published: yuhuixu1993/PC-DARTS]. The first C / K channels go through the mixed operation, the rest
  /// bypasses it, max-pooled (2, 2) where the stride is 2; both are concatenated and shuffled in K groups.
  private func node(
    _ incoming: [Int], _ nodes: [CellNode], _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    let operated = operated(incoming, nodes, weights, pass)
    let divisor = space.edgeForm.channelDivisor
    guard divisor > 1 else { return operated }
    let rest = bypass(incoming, nodes, weights, height: operated.shape.height)
    return shuffleChannels(concatenateChannels([operated, rest]), groups: divisor)
  }

  /// The sum of the mixed operations, and of what stands beside them.
  private func operated(
    _ incoming: [Int], _ nodes: [CellNode], _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    var (summands, shares, factors) = ([Summand](), [EdgeWeight](), [Scalar]())
    for index in incoming {
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
      let x = nodes[space.edges[index].source].operand
      let beside = skips.isEmpty ? [] : skips[index].summands(x, run)
      let inside = edges[index].summands(x, run)
      summands += (inside + beside).map(\.summand)
      shares += (inside + beside).map { EdgeWeight(edge: index, weight: $0.weight) }
      factors += inside.map { _ in 1 } + beside.map { _ in weights.auxiliaryWeight }
    }
    guard !summands.isEmpty else {
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: incoming[0])
      return edges[incoming[0]].value(nodes[space.edges[incoming[0]].source].operand, run)
    }
    return mixture(summands, weights: weights.values(of: shares, times: factors))
  }

  /// The sum of the channels that no operation sees.
  private func bypass(
    _ incoming: [Int], _ nodes: [CellNode], _ weights: RelaxedArchitecture, height: Int
  ) -> Variable {
    let summands = incoming.map { index -> Summand in
      let rest = nodes[space.edges[index].source].rest
      return .identity(
        (rest.shape.height == height ? rest : rest.maxPooled(Window(2, stride: 2))).value)
    }
    return mixture(summands, weights: weights.edgeShares.map { gather($0, incoming) })
  }
}

/// A node as the edges that leave it see it.
private final class CellNode {
  let value: Variable
  private let divisor: Int
  private var channels: Int { value.shape.channels }
  /// The first C / K channels, which go through operations.
  lazy var operand = PathInput(
    divisor == 1 ? value : Autodiff.channels(value, 0..<channels / divisor))
  /// The other channels.
  lazy var rest = PathInput(Autodiff.channels(value, channels / divisor..<channels))

  init(_ value: Variable, divisor: Int) {
    self.value = value
    self.divisor = divisor
  }
}
