/// What a whole supernet costs for one image.
public struct SupernetCost: Hashable, Sendable {
  /// All searched edges of all cells.
  public let edges: Cost
  /// The first convolution and its batch norm.
  public let stem: NetworkCost
  /// What joins the cells: the preprocessing of their inputs, or the residual blocks between stages.
  public let joints: NetworkCost
  /// What follows the last cell: the classifier, in NAS-Bench-201 after a batch norm.
  public let head: NetworkCost
  /// The numbers of the architecture parameters.
  public let logits: Int

  private var fixed: NetworkCost { stem + joints + head }
  /// Multiply-accumulates of the whole network.
  public var macs: Int { edges.macs + fixed.macs }
  /// Trained weights of the whole network, without the logits.
  public var parameters: Int { edges.trainableWeights + fixed.parameters }
  /// Bytes of the results of the modules of all edges, in single precision.
  public var activationBytes: Int { edges.activationBytes }
}

/// The cost of the network that searches `space`, for one image.
///
/// Equation: TS-35 [reconstructed: high], summed over the edges of all cells, each at its own size. Batch norms of
/// edges have no weights.
///
/// - Parameters:
///   - space: the cells, plain or simplified.
///   - channels: C.
///   - cells: the number of cells, as the space's macro structure counts them: N, the cells in each of three stages, for
///     NAS-Bench-201; all cells for DARTS.
///   - classes: how many classes.
///   - imageExtent: rows and columns of the image, which can be halved twice.
/// - Returns: the cost of the edges, and that of everything else.
///
/// Explained in chapter 13.
public func supernetCost(
  of space: SearchSpace, channels: Int, cells: Int, classes: Int = 10,
  imageExtent: Int = MapSize.imageExtent
) -> SupernetCost {
  let plan = space.plan(
    channels: channels, cells: cells, classes: classes, imageExtent: imageExtent)
  var (edges, stem, joints, head) = (Cost(), NetworkCost.zero, NetworkCost.zero, NetworkCost.zero)
  for layer in plan.layers {
    let fixed = plan.fixedCost(of: layer, affine: false)
    switch layer.kind {
    case .stem: stem = stem + fixed
    case .cell(let kind):
      edges = edges + cellCost(of: space, kind: kind, at: layer.size)
      joints = joints + fixed
    case .residualBlock: joints = joints + fixed
    case .normalization, .auxiliaryHead, .classifier: head = head + fixed
    }
  }
  let logits = space.cells.reduce(0) { sum, cell in
    sum + cell.operations.count * (cell.operations.map(\.initialLogits.count).max() ?? 0)
  }
  return SupernetCost(edges: edges, stem: stem, joints: joints, head: head, logits: logits)
}

/// The cost of the edges of one cell: of what goes through their operations, and of what runs beside them.
///
/// - Parameters:
///   - space: the cells.
///   - kind: which of them.
///   - size: the maps of the cell's inputs, after their preprocessing.
/// - Returns: the sum over the edges.
public func cellCost(of space: SearchSpace, kind: Int = 0, at size: MapSize = .reference) -> Cost {
  let (cell, form) = (space.cells[kind], space.nodeForm)
  var operated = size
  operated.channels /= form.channelDivisor
  return space.edges.indices.reduce(Cost()) { sum, edge in
    let isHalved = cell.isReduction && space.edges[edge].source >= space.inputCount
    let map = isHalved ? operated.halved : operated
    let beside = form.pathBeside(edge: edge, of: cell).map { cost(of: $0, at: map) } ?? Cost()
    return sum + cost(of: cell.operations[edge].path, at: map) + beside
  }
}
