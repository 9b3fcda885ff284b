import SearchSpaces
import Tensors

// The two supernets again, as folds over what their operations keep.
extension KeptMaps {
  /// A convolution and a batch norm.
  private mutating func convolutionAndNorm(_ x: Map, outputs: Int, _ window: Window) -> Map {
    batchNorm(convolution(x, outputs: outputs, window))
  }

  /// The nodes of a cell, the inputs first.
  private mutating func nodes(of space: SearchSpace, kind: Int = 0, _ inputs: [Map]) -> [Map] {
    var nodes = inputs
    for target in space.inputCount..<space.nodeCount {
      let incoming = space.edges.indices.filter { space.edges[$0].target == target }
      let paths = incoming.map { space.cells[kind].operations[$0].path.flattened }
      let sources = incoming.map { Passing(raw: nodes[space.edges[$0].source]) }
      let parts = zip(paths, sources).flatMap { summands($0, $1) }
      nodes.append(parts.isEmpty ? result(of: paths[0], sources[0]) : sum(parts))
    }
    return nodes
  }

  /// The residual block: its last batch norm is added to the shortcut, so neither is kept.
  private mutating func residualBlock(_ x: Map) -> Map {
    let outputs = 2 * x.size.channels
    let first = convolutionAndNorm(x, outputs: outputs, Window(3, stride: 2))
    let y = convolution(first, Window(3))
    let direct = convolution(
      averagePool(x, Window(2, stride: 2)), outputs: outputs, Window(1))
    return result(y.size, of: [y, direct], keeping: [y])
  }

  /// The preprocessing of an input of a DARTS cell.
  private mutating func preprocessing(_ x: Map, outputs: Int, halving: Bool) -> Map {
    batchNorm(
      halving
        ? factorizedReduction(x, outputs: outputs) : convolution(x, outputs: outputs, Window(1)))
  }

  /// What the network of NAS-Bench-201 keeps; returns the nodes of the last cell.
  mutating func runNASBench201(
    _ space: SearchSpace, _ images: Map, channels: Int, cellsPerStage: Int
  ) -> [Map] {
    var nodes = [convolutionAndNorm(images, outputs: channels, Window(3))]
    for stage in 0..<3 {
      if stage > 0 { nodes = [residualBlock(nodes[nodes.count - 1])] }
      for _ in 0..<cellsPerStage { nodes = self.nodes(of: space, [nodes[nodes.count - 1]]) }
    }
    let normalized = batchNorm(nodes[nodes.count - 1])
    var rectified = Passing(raw: normalized)
    rectified.isRectified = true
    _ = value(rectified)
    return nodes
  }

  /// What the network of DARTS keeps; returns the nodes of the last cell.
  mutating func runDARTS(
    _ space: SearchSpace, _ images: Map, channels: Int, layers: Int
  ) -> [Map] {
    let first = convolutionAndNorm(images, outputs: 3 * channels, Window(3))
    var (beforeLast, last, nodes) = (first, first, [Map]())
    for cell in space.plan(channels: channels, cells: layers).cells {
      let inputs = [
        preprocessing(beforeLast, outputs: cell.size.channels, halving: cell.halvesInput(0)),
        preprocessing(last, outputs: cell.size.channels, halving: false),
      ]
      nodes = self.nodes(of: space, kind: cell.isReduction ? 1 : 0, inputs)
      let parts = Array(nodes.dropFirst(2))
      var size = parts[0].size
      size.channels = cell.output.channels
      (beforeLast, last) = (last, result(size, of: parts, keeping: []))
    }
    return nodes
  }
}
