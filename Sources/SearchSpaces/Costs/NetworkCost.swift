import Tensors

/// The size of a network, or of a part of one.
public struct NetworkCost: Hashable, Sendable {
  /// Multiply-accumulates for one image.
  public let macs: Int
  /// Trained parameters, gains and biases of batch norms included.
  public let parameters: Int

  /// Creates a size.
  public init(macs: Int, parameters: Int) {
    self.macs = macs
    self.parameters = parameters
  }

  /// The cost of both.
  public static func + (a: NetworkCost, b: NetworkCost) -> NetworkCost {
    NetworkCost(macs: a.macs + b.macs, parameters: a.parameters + b.parameters)
  }

  /// Nothing.
  public static let zero = NetworkCost(macs: 0, parameters: 0)

  /// The cost of `count` times as much.
  public static func * (count: Int, cost: NetworkCost) -> NetworkCost {
    NetworkCost(macs: count * cost.macs, parameters: count * cost.parameters)
  }
}

/// The size of the network in which the cells of a genotype are trained from scratch, for one image.
///
/// A fold over the layers of its macro structure. MACs are those of convolutions and classifiers; the "FLOPs" of
/// NAS-Bench-201 are MACs. DARTS V2 with the defaults has the published 3.35 million parameters.
///
/// - Parameters:
///   - genotype: the cells.
///   - channels: C; nil is the published number.
///   - cells: the number of cells, as the macro structure counts them; nil is the published number.
///   - classes: how many classes.
///   - auxiliary: whether the auxiliary head is counted, which runs in training only, on images of the usual size.
///   - imageExtent: rows and columns of the image, which can be halved twice.
/// - Returns: multiply-accumulates and parameters.
public func networkCost(
  of genotype: some SpaceGenotype, channels: Int? = nil, cells: Int? = nil, classes: Int = 10,
  auxiliary: Bool = false, imageExtent: Int = MapSize.imageExtent
) -> NetworkCost {
  var size = genotype.space.macroStructure.evaluationSize
  size.channels = channels ?? size.channels
  size.cells = cells ?? size.cells
  size.hasAuxiliaryHead = auxiliary
  let affine = genotype.space.derivedNormsHaveGain
  let (plan, graphs) = (
    genotype.plan(size, classes: classes, imageExtent: imageExtent), genotype.cells
  )
  // Most cells are as large as the one before.
  var known: [NetworkPlan.Kind: [MapSize: NetworkCost]] = [:]
  func operationsCost(_ layer: NetworkPlan.Layer) -> NetworkCost {
    guard case .cell(let kind) = layer.kind else { return .zero }
    if let found = known[layer.kind]?[layer.size] { return found }
    let cost = graphs[kind].edges.compactMap {
      operationCost($0, of: graphs[kind], in: layer, affine: affine)
    }
    .reduce(.zero, +)
    known[layer.kind, default: [:]][layer.size] = cost
    return cost
  }
  return plan.layers.map { plan.fixedCost(of: $0, affine: affine) + operationsCost($0) }
    .reduce(.zero, +)
}

/// The size of the auxiliary head of that network, which runs in training only; zero where it has no place for one.
///
/// - Parameters:
///   - genotype: the cells.
///   - channels: C; nil is the published number.
///   - cells: the number of cells, as the macro structure counts them; nil is the published number.
///   - classes: how many classes.
/// - Returns: multiply-accumulates and parameters.
public func auxiliaryHeadCost(
  of genotype: some SpaceGenotype, channels: Int? = nil, cells: Int? = nil, classes: Int = 10
) -> NetworkCost {
  var size = genotype.space.macroStructure.evaluationSize
  size.channels = channels ?? size.channels
  size.cells = cells ?? size.cells
  size.hasAuxiliaryHead = true
  let plan = genotype.plan(size, classes: classes)
  return plan.layers.filter { $0.kind == .auxiliaryHead }
    .map { plan.fixedCost(of: $0, affine: true) }.reduce(.zero, +)
}

/// What an operation of a derived cell costs; nil of an edge that has none.
private func operationCost(
  _ edge: CellGraph.Edge, of graph: CellGraph, in layer: NetworkPlan.Layer, affine: Bool
) -> NetworkCost? {
  let startsFromInput = graph.nodes[edge.source].column == 0
  let size = graph.isReduction && !startsFromInput ? layer.size.halved : layer.size
  return edge.path.map {
    let cost = cost(of: $0, at: size)
    let gains = affine ? 2 * cost.normalizedChannels : 0
    return NetworkCost(macs: cost.macs, parameters: cost.trainableWeights + gains)
  }
}
