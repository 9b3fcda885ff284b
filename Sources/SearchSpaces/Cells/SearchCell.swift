import Autodiff
import NeuralNetworks
import Tensors

/// The searched part of a cell: every node is the sum of its edges.
final class SearchCell: Layer {
  private let space: SearchSpace
  private let edges: [PathNetwork]
  /// What runs beside the operation of an edge, by edge, where the form of the nodes has something there.
  private let besides: [Int: PathNetwork]
  private var networks: [PathNetwork] { edges + besides.sorted { $0.key < $1.key }.map(\.value) }
  var parameters: [Parameter] { networks.flatMap(\.parameters) }
  var buffers: [Parameter] { networks.flatMap(\.buffers) }

  /// Creates the cell of `kind` (an index into the space's cells) for `channels` channels.
  init(_ space: SearchSpace, kind: Int = 0, channels: Int, name: String, seed: RandomGenerator) {
    let (form, cell) = (space.nodeForm, space.cells[kind])
    let divisor = form.channelDivisor
    precondition(channels % divisor == 0, "\(channels) channels are no \(divisor) equal parts")
    func network(_ edge: Int, _ path: Path, _ suffix: String = "") -> PathNetwork {
      let ends = space.edges[edge]
      return PathNetwork(
        path, channels: channels / divisor,
        name: "\(name).edge\(ends.source)to\(ends.target)\(suffix)", seed: seed)
    }
    self.space = space
    edges = space.edges.indices.map { network($0, cell.operations[$0].path) }
    besides = space.edges.indices.reduce(into: [:]) { besides, edge in
      besides[edge] = form.pathBeside(edge: edge, of: cell).map { network(edge, $0, ".auxiliary") }
    }
  }

  /// Computes the merged kernels of all edges, before there are maps.
  func computeMergedKernels(_ weights: RelaxedArchitecture, in pass: ForwardPass) {
    for (index, edge) in edges.enumerated() {
      edge.computeMergedKernels(.init(pass: pass, architecture: weights, edge: index))
    }
  }

  /// All nodes, the inputs first: x_j = sum over i < j of o_ij(x_i), in one mixture a node.
  func callAsFunction(
    _ inputs: [Variable], _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> [Variable] {
    let form = space.nodeForm
    var nodes = inputs.map { NodeMap($0, divisor: form.channelDivisor) }
    for target in space.inputCount..<space.nodeCount {
      let edges = space.edges.indices.filter { space.edges[$0].target == target }
      let incoming = IncomingEdges(
        edges: edges, sources: edges.map { nodes[space.edges[$0].source] },
        shares: weights.edgeShares)
      let node = form.node(operated(incoming, weights, pass), incoming)
      nodes.append(NodeMap(node, divisor: form.channelDivisor))
    }
    return nodes.map(\.value)
  }

  /// The sum of the mixed operations, and of what runs beside them.
  private func operated(
    _ incoming: IncomingEdges, _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    var (summands, shares, factors) = ([Summand](), [EdgeWeight](), [Scalar]())
    for (index, source) in zip(incoming.edges, incoming.sources) {
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
      let beside = besides[index]?.summands(source.operand, run) ?? []
      let inside = edges[index].summands(source.operand, run)
      summands += (inside + beside).map(\.summand)
      shares += (inside + beside).map { EdgeWeight(edge: index, weight: $0.weight) }
      factors += inside.map { _ in 1 } + beside.map { _ in weights.auxiliaryWeight }
    }
    guard !summands.isEmpty else {
      // All operations are zero: the first edge says of which size.
      let first = incoming.edges[0]
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: first)
      return edges[first].value(incoming.sources[0].operand, run)
    }
    return mixture(summands, weights: weights.values(of: shares, times: factors))
  }
}
