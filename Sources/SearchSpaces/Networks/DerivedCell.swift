import Autodiff
import NeuralNetworks
import Tensors

/// A derived cell with weights: its graph, interpreted node by node.
final class DerivedCell: Layer {
  private let graph: CellGraph
  private let preprocessing: [Preprocessing]
  /// The operation of each edge; nil where channels are only put side by side.
  private let operations: [PathNetwork?]
  private var layers: [any Layer] { preprocessing + operations.compactMap { $0 } as [any Layer] }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var buffers: [Parameter] { layers.flatMap(\.buffers) }

  /// Creates the cell of `graph` with random weights; with `affine` all batch norms have gain and bias.
  init(
    _ graph: CellGraph, _ place: NetworkPlan.Layer, preprocessesInputs: Bool, affine: Bool = true,
    seed: RandomGenerator
  ) {
    self.graph = graph
    preprocessing =
      preprocessesInputs ? Preprocessing.layers(of: place, affine: affine, seed: seed) : []
    operations = graph.edges.map { edge in
      edge.path.map {
        PathNetwork(
          $0, channels: place.size.channels, affine: affine,
          name: "\(place.name).\(edge.name)", seed: seed)
      }
    }
  }

  /// The cell's output [N, H', W', channels], given the maps that it reads, the oldest first.
  ///
  /// Equation: D1-3 [published: quark0/darts]. The output is the concatenation of the intermediate nodes.
  ///
  /// Explained in chapter 05.
  func callAsFunction(
    _ inputs: [Variable], _ dropPath: inout DropPath, in pass: ForwardPass
  ) -> Variable {
    var nodes = preprocessing.applied(to: inputs, in: pass).map { PathInput($0) }
    for node in nodes.count..<graph.nodes.count {
      nodes.append(PathInput(value(of: node, nodes, &dropPath, pass)))
    }
    return nodes[nodes.count - 1].value
  }

  /// A node that is no input: the sum of its operations, or the channels of other nodes side by side.
  private func value(
    of node: Int, _ nodes: [PathInput], _ dropPath: inout DropPath, _ pass: ForwardPass
  ) -> Variable {
    let incoming = graph.edges.indices.filter { graph.edges[$0].target == node }
    if let first = incoming.first, operations[first] == nil {
      return concatenateChannels(incoming.map { nodes[graph.edges[$0].source].value })
    }
    let run = PathNetwork.Run(pass: pass, architecture: nil, edge: 0)
    let summands = incoming.flatMap { edge -> [Summand] in
      guard let operation = operations[edge] else { return [] }
      let x = nodes[graph.edges[edge].source]
      return dropPath.isActive(in: pass) && !operation.path.isSkip
        ? [.identity(dropPath(operation.value(x, run), in: pass))]
        : operation.summands(x, run).map(\.summand)
    }
    return summands.isEmpty ? zeros(like: nodes[0].shape) : mixture(summands)
  }

  /// A node that nothing leads to, or operations that connect nothing, in a cell whose inputs have this shape.
  private func zeros(like input: Shape) -> Variable {
    let window = Window(1, stride: graph.isReduction ? 2 : 1)
    return .constant(.zeros(window.outputShape(input, channels: input.channels)))
  }
}
