import SearchSpaces

/// What a whole supernet costs for one image.
public struct SupernetCost: Hashable, Sendable {
  /// All searched edges of all cells.
  public let edges: Cost
  /// The first convolution and its batch norm.
  public let stem: NetworkCost
  /// The preprocessing of the inputs of DARTS cells, or the residual blocks of NAS-Bench-201.
  public let joints: NetworkCost
  /// What follows the last cell: the classifier, in NAS-Bench-201 behind a batch norm.
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

/// The cost of the network that searches `space`, for one image of 32 x 32 pixels.
///
/// Equation: TS-35 [reconstructed: high], summed over the edges of all cells, each at its own size. Batch norms of
/// edges have no weights.
///
/// - Parameters:
///   - space: the cells of NAS-Bench-201 or of DARTS, plain or simplified.
///   - channels: C.
///   - cells: N, the cells in each of three stages, for NAS-Bench-201; all cells for DARTS.
///   - classes: how many classes.
/// - Returns: the cost of the edges, and that of everything else.
public func supernetCost(
  of space: SearchSpace, channels: Int, cells: Int, classes: Int = 10
) -> SupernetCost {
  let logits = space.cells.reduce(0) { sum, cell in
    sum + cell.operations.count * (cell.operations.map(\.initialLogits.count).max() ?? 0)
  }
  return space.isDARTS
    ? dartsSupernetCost(space, channels, layers: cells, classes, logits: logits)
    : nasBench201SupernetCost(space, channels, cellsPerStage: cells, classes, logits: logits)
}

/// The cost of the edges of one cell.
///
/// - Parameters:
///   - space: the cells.
///   - kind: which of them.
///   - size: the maps of the cell's inputs, after their preprocessing.
/// - Returns: the sum over the edges.
public func cellCost(of space: SearchSpace, kind: Int = 0, at size: MapSize = .reference) -> Cost {
  zip(space.edges, space.cells[kind].operations).reduce(Cost()) { sum, pair in
    let (edge, operation) = pair
    let isHalved = kind == 1 && edge.source >= space.inputCount
    let divisor = isHalved ? 2 : 1
    return sum
      + cost(
        of: operation.path,
        at: MapSize(
          channels: size.channels, height: size.height / divisor, width: size.width / divisor))
  }
}

extension SearchSpace {
  /// Whether its cells stand in the network of DARTS: they have two inputs.
  var isDARTS: Bool { inputCount == 2 }
}

extension DARTSCellPlan {
  /// The maps of the cell's inputs, after their preprocessing.
  var size: MapSize {
    MapSize(channels: channels, height: 32 >> halvings, width: 32 >> halvings)
  }
}

extension MapSize {
  /// The maps of stage 0, 1 or 2 of NAS-Bench-201.
  static func stage(_ stage: Int, channels: Int) -> MapSize {
    MapSize(channels: channels << stage, height: 32 >> stage, width: 32 >> stage)
  }
}

private func nasBench201SupernetCost(
  _ space: SearchSpace, _ channels: Int, cellsPerStage: Int, _ classes: Int, logits: Int
) -> SupernetCost {
  let sizes = (0..<3).map { MapSize.stage($0, channels: channels) }
  return SupernetCost(
    edges: sizes.map { cellsPerStage * cellCost(of: space, at: $0) }.reduce(Cost(), +),
    stem: convolutionAndNorm(27, outputs: channels, pixels: 32 * 32),
    joints: sizes.dropFirst().map {
      residualBlockCost(inputs: $0.channels / 2, pixels: $0.pixels)
    }.reduce(.zero, +), head: nasBench201HeadCost(channels: channels, classes: classes),
    logits: logits)
}

private func dartsSupernetCost(
  _ space: SearchSpace, _ channels: Int, layers: Int, _ classes: Int, logits: Int
) -> SupernetCost {
  let plan = DARTSCellPlan.network(channels: channels, layers: layers)
  let preprocessing = plan.flatMap { cell in
    cell.inputs.map {
      convolutionAndNorm($0, outputs: cell.channels, pixels: cell.size.pixels, affine: false)
    }
  }
  let last = plan.last.map(\.outputs) ?? 3 * channels
  return SupernetCost(
    edges: plan.map { cellCost(of: space, kind: $0.isReduction ? 1 : 0, at: $0.size) }
      .reduce(Cost(), +),
    stem: convolutionAndNorm(27, outputs: 3 * channels, pixels: 32 * 32),
    joints: preprocessing.reduce(.zero, +), head: linearCost(last, classes), logits: logits)
}
