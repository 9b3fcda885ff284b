import Autodiff
import NeuralNetworks
import Tensors

/// A derived cell of the DARTS space: every node is the sum of its operations, two in the cells of a search.
final class DiscreteDARTSCell: Layer {
  private let cell: DARTSGenotype.Cell
  private let preprocessing: [Preprocessing]
  /// What leads to each node.
  private let operations: [[Operation]]
  private let isReduction: Bool
  private var layers: [any Layer] {
    preprocessing + operations.flatMap(\.self).map(\.path) as [any Layer]
  }
  var parameters: [Parameter] { layers.flatMap(\.parameters) }
  var buffers: [Parameter] { layers.flatMap(\.buffers) }

  private struct Operation {
    let path: PathNetwork
    let source: Int
    let isIdentity: Bool
  }

  init(
    _ genotype: DARTSGenotype, _ plan: DARTSCellPlan, name: String, seed: RandomGenerator
  ) {
    cell = plan.isReduction ? genotype.reduction : genotype.normal
    preprocessing = (0..<2).map { input in
      Preprocessing(
        "\(name).input\(input)", inputs: plan.inputs[input], outputs: plan.channels,
        halving: input == 0 && plan.followsReduction, affine: true, seed: seed)
    }
    isReduction = plan.isReduction
    var count = 0
    operations = cell.nodes.map { connections in
      connections.map { connection in
        defer { count += 1 }
        let stride = plan.stride(from: connection.source)
        let path = PathNetwork(
          SearchSpace.dartsDerivedPath(connection.operation, stride: stride),
          channels: plan.channels, affine: true, name: "\(name).operation\(count)", seed: seed)
        return Operation(
          path: path, source: connection.source,
          isIdentity: connection.operation == .skipConnect && stride == 1)
      }
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
    for operations in operations {
      nodes.append(PathInput(sum(of: operations, nodes, &dropPath, pass)))
    }
    return concatenateChannels(cell.concatenated.map { nodes[$0].value })
  }

  private func sum(
    of operations: [Operation], _ nodes: [PathInput], _ dropPath: inout DropPath,
    _ pass: ForwardPass
  ) -> Variable {
    let run = PathNetwork.Run(pass: pass, architecture: nil, edge: 0)
    var summands: [Summand] = []
    for operation in operations {
      let x = nodes[operation.source]
      if dropPath.isActive(in: pass) && !operation.isIdentity {
        summands.append(.identity(dropPath(operation.path.value(x, run), in: pass)))
      } else {
        summands += operation.path.summands(x, run).map(\.summand)
      }
    }
    // Nothing leads to the node, or `none` alone.
    return summands.isEmpty ? zeros(like: nodes[0].shape) : mixture(summands)
  }

  /// A node that is zero, in a cell whose inputs have this shape.
  private func zeros(like input: Shape) -> Variable {
    let window = Window(1, stride: isReduction ? 2 : 1)
    return .constant(.zeros(window.outputShape(input, channels: input.channels)))
  }
}
