import NeuralNetworks
import SearchSpaces
import Tensors

extension Supernet {
  /// The architecture parameters as the table `alphas`: a row for each kind of cells and edge.
  ///
  /// Logits are named by their candidates, or by number where sums have logits of their own; edges with fewer logits
  /// than others end in empty fields. Parameters of the nodes that have a number per edge follow.
  public func architectureRecord(unit: Int) -> UnitRecord {
    let kinds = space.cells.count
    let alphas = architectureParameters.prefix(kinds).map(\.value)
    let width = alphas.map { $0.shape[1] }.max() ?? 0
    let candidates = space.primitives.map(\.rawValue)
    let names = width == candidates.count ? candidates : (0..<width).map { "logit\($0)" }
    let extra = edgeParameters
    let rows = space.cells.indices.flatMap { kind in
      space.edges.indices.map { edge -> [String] in
        let (ends, columns) = (space.edges[edge], alphas[kind].shape[1])
        let logits = (0..<columns).map { "\(alphas[kind][edge * columns + $0])" }
        let empty = Array(repeating: "", count: width - columns)
        return ["\(unit)", space.cells[kind].name, "\(ends.source)->\(ends.target)"] + logits
          + empty
          + extra.map { "\($0.values[kind][edge])" }
      }
    }
    return UnitRecord(
      "alphas", columns: ["epoch", "cell", "edge"] + names + extra.map(\.name), rows: rows)
  }

  /// The parameters of the nodes that have a number per edge, each with its values for every kind of cells.
  private var edgeParameters: [(name: String, values: [Tensor])] {
    let kinds = space.cells.count
    let wanted = space.nodeForm.parameters(of: space.edges)
    let found = architectureParameters.dropFirst(kinds).map(\.value)
    return wanted.indices.filter {
      wanted[$0].isPerEdge && wanted[$0].shape == [space.edges.count]
    }.map { place in
      (wanted[place].name, (0..<kinds).map { found[$0 * wanted.count + place] })
    }
  }
}
