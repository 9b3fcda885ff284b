import SearchSpaces
import Tensors

/// The gates of a supernet, with their costs in millions of multiply-accumulates for one image.
///
/// F of a gate is what its operation costs in all cells of its kind together; in the space of GOLD-NAS every cell is a
/// kind of its own. On a simplified space a gate costs what its operation costs by itself, which is what the derived
/// network pays.
struct GatedSupernet {
  /// The gates of each kind of cells.
  let cells: [GatedCell]
  /// The cost of all that has no gate.
  let baseCost: Double

  init(_ space: SearchSpace, size: NetworkSize, classes: Int, imageExtent: Int) {
    let plan = space.plan(
      channels: size.channels, cells: size.cells, classes: classes, imageExtent: imageExtent)
    cells = space.cells.indices.map { kind in
      GatedCell(
        targets: space.edges.map(\.target), operations: space.candidates.count,
        costs: space.edges.flatMap { edge in
          space.candidates.map { candidate in
            plan.cells(ofKind: kind).reduce(0) { sum, layer in
              sum + Double(space.macs(of: candidate, on: edge, kind: kind, in: layer)) / 1e6
            }
          }
        })
    }
    let whole = supernetCost(
      of: space, channels: size.channels, cells: size.cells, classes: classes,
      imageExtent: imageExtent)
    baseCost = Double(whole.macs - whole.edges.macs) / 1e6
  }

  /// What the whole network costs with all gates.
  var wholeCost: Double { cells.reduce(baseCost) { $0 + $1.cost } }
}

extension NetworkPlan {
  fileprivate func cells(ofKind kind: Int) -> [Layer] {
    layers.filter { if case .cell(kind) = $0.kind { true } else { false } }
  }
}

extension SearchSpace {
  /// The multiply-accumulates of a candidate by itself on an edge of one cell, for one image.
  fileprivate func macs(
    of candidate: Candidate, on edge: Edge, kind: Int, in layer: NetworkPlan.Layer
  ) -> Int {
    let isInside = cells[kind].isReduction && edge.source >= inputCount
    return cost(
      of: candidate.path(stride(of: edge, kind: kind)),
      at: isInside ? layer.size.halved : layer.size
    ).macs
  }
}
