import Autodiff
import NeuralNetworks
import Tensors

/// A derived cell of the DARTS space: every node is the sum of two operations.
final class DiscreteDARTSCell: Layer {
  private let cell: DARTSGenotype.Cell
  private let preprocessing: [Preprocessing]
  private let operations: [(path: PathNetwork, isIdentity: Bool)]
  private var layers: [any Layer] { preprocessing + operations.map(\.path) as [any Layer] }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var buffers: [Parameter] { layers.flatMap(\.buffers) }

  init(
    _ genotype: DARTSGenotype, _ plan: DARTSCellPlan, name: String, seed: RandomGenerator
  ) {
    cell = plan.isReduction ? genotype.reduction : genotype.normal
    preprocessing = (0..<2).map { input in
      Preprocessing(
        "\(name).input\(input)", inputs: plan.inputs[input], outputs: plan.channels,
        halving: input == 0 && plan.followsReduction, affine: true, seed: seed)
    }
    operations = cell.connections.enumerated().map { index, connection in
      let stride = plan.stride(from: connection.source)
      let path = PathNetwork(
        SearchSpace.dartsDerivedPath(connection.operation, stride: stride),
        channels: plan.channels, affine: true, name: "\(name).operation\(index)", seed: seed)
      return (path, connection.operation == .skipConnect && stride == 1)
    }
  }

  /// The channels of the concatenated nodes, one after the other.
  ///
  /// Equation: D1-3 [published: quark0/darts]. The output is the concatenation of the intermediate nodes.
  func callAsFunction(
    _ beforeLast: Variable, _ last: Variable, _ dropPath: inout DropPath, in pass: ForwardPass
  ) -> Variable {
    var nodes = [preprocessing[0](beforeLast, in: pass), preprocessing[1](last, in: pass)]
      .map { PathInput($0) }
    for node in 2...5 { nodes.append(PathInput(sum(to: node, nodes, &dropPath, pass))) }
    return concatenateChannels(cell.concatenated.map { nodes[$0].value })
  }

  private func sum(
    to node: Int, _ nodes: [PathInput], _ dropPath: inout DropPath, _ pass: ForwardPass
  ) -> Variable {
    let run = PathNetwork.Run(pass: pass, architecture: nil, edge: 0)
    let incoming = cell.connections(to: node)
    var summands: [Summand] = []
    for (index, connection) in zip(incoming.indices, incoming) {
      let (operation, x) = (operations[index], nodes[connection.source])
      if dropPath.isActive(in: pass) && !operation.isIdentity {
        summands.append(.identity(dropPath(operation.path.value(x, run), in: pass)))
      } else {
        summands += operation.path.summands(x, run).map(\.summand)
      }
    }
    guard summands.isEmpty, let first = incoming.first else { return mixture(summands) }
    // Both operations are `none`.
    return operations[incoming.startIndex].path.value(nodes[first.source], run)
  }
}
