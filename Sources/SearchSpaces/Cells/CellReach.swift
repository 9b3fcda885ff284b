import Tensors

/// What reaches a node of a derived cell from the cell's inputs.
public struct CellReach: Hashable, Sendable {
  /// The most operations on a way from an input, `none` and concatenations not counted.
  public private(set) var operations = 0
  /// The most operations with trained weights on a way from an input.
  public private(set) var weighted = 0
  /// The pixels in a row of an input on which a pixel depends: its receptive field.
  public private(set) var field = 1
  /// The pixels of an input from one pixel to the next.
  public private(set) var jump = 1

  /// What leaves an edge; nil if nothing does.
  ///
  /// A window of k taps with dilation d widens the field by (k - 1) d pixels of its input.
  fileprivate func behind(_ edge: CellGraph.Edge) -> CellReach? {
    guard let path = edge.path else { return self }
    if path.isZero { return nil }
    var reach = self
    reach.operations += 1
    reach.weighted += path.modules.contains(where: \.hasWeights) ? 1 : 0
    for window in path.modules.compactMap(\.window) {
      reach.field += window.reach * reach.jump
      reach.jump *= window.stride
    }
    return reach
  }

  fileprivate func joined(_ other: CellReach) -> CellReach {
    var reach = self
    reach.operations = max(operations, other.operations)
    reach.weighted = max(weighted, other.weighted)
    reach.field = max(field, other.field)
    reach.jump = max(jump, other.jump)
    return reach
  }
}

extension CellGraph {
  /// What reaches each node; nil where nothing of the image does.
  public var reaches: [CellReach?] {
    nodes.indices.reduce(into: []) { reaches, node in
      let arriving = edges(into: node).compactMap { edge in
        reaches[edge.source].flatMap { $0.behind(edge) }
      }
      let start: CellReach? = nodes[node].column == 0 ? CellReach() : nil
      reaches.append(arriving.reduce(start) { $0?.joined($1) ?? $1 })
    }
  }

  /// What reaches the output; nil if it does not depend on the image.
  public var outputReach: CellReach? { reaches.last ?? nil }

  /// The operations other than `none` that carry nothing of the image to the output.
  ///
  /// Either nothing of the image reaches them, or what they give does not reach the output.
  public var idleEdges: [Edge] {
    var leadsOut = nodes.indices.map { $0 == nodes.count - 1 }
    for node in nodes.indices.reversed() {
      leadsOut[node] =
        leadsOut[node]
        || edges.contains {
          $0.source == node && $0.path?.isZero != true && leadsOut[$0.target]
        }
    }
    let reaches = reaches
    return edges.filter { edge in
      guard let path = edge.path, !path.isZero else { return false }
      return reaches[edge.source] == nil || !leadsOut[edge.target]
    }
  }
}

extension ModuleSpec {
  /// The pixels of a row that it reads for one pixel; nil if that pixel alone.
  fileprivate var window: Window? {
    switch kind {
    case .convolution(let window, _, _), .averagePool(let window), .maxPool(let window): window
    case .stripConvolution(let strip): strip.direction == .horizontal ? strip.window : nil
    // Two 1x1 convolutions, one pixel from each other.
    case .factorizedReduction: Window(2, stride: 2)
    case .identity, .zero, .relu, .batchNorm: nil
    }
  }
}
