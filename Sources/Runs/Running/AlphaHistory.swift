import Foundation
import Reports
import SearchSpaces
import Tensors

/// The weights of all candidates over the epochs, from `alphas.csv`.
package struct AlphaHistory {
  /// Weights [epochs][kinds of cells][edges][candidates].
  package let weights: [[[[Double]]]]

  /// Reads at most `epochs` whole epochs of a search on `space`; nil if the folder has none.
  package init?(_ folder: RunFolder, _ space: SearchSpace, epochs: Int) throws {
    let file = "alphas.csv"
    let lines = try folder.lines(of: file)
    let block = space.cells.count * space.edges.count
    let count = min(epochs, max(0, lines.count - 1) / block)
    guard count > 0 else { return nil }
    weights = try (0..<count).map { epoch in
      try space.cells.indices.map { kind in
        let first = 1 + epoch * block + kind * space.edges.count
        let logits = try space.edges.indices.map { edge in
          guard
            let row = Self.logits(
              lines[first + edge], epoch: epoch + 1, space, kind: kind, edge: edge)
          else {
            throw RunHistoryError.badLine(
              file: "\(folder.path)/\(file)", line: first + edge + 1,
              expected: "the alphas of \(space.cells[kind].name), edge "
                + "\(space.edges[edge].source)->\(space.edges[edge].target), in epoch \(epoch + 1)")
          }
          return row
        }
        return Self.weights(logits, space.cells[kind])
      }
    }
  }

  /// The logits of a line; nil if it is that of another edge, or damaged.
  private static func logits(
    _ line: String, epoch: Int, _ space: SearchSpace, kind: Int, edge: Int
  ) -> [Scalar]? {
    let fields = CommaSeparatedRows.fields(of: line) ?? []
    let width = columns(space.cells[kind])
    let name = "\(space.edges[edge].source)->\(space.edges[edge].target)"
    guard fields.count >= 3 + width, fields[0] == "\(epoch)", fields[1] == space.cells[kind].name,
      fields[2] == name
    else { return nil }
    let logits = fields[3..<(3 + width)].compactMap { Scalar($0) }
    return logits.count == width ? logits : nil
  }

  private static func columns(_ cell: SearchSpace.Cell) -> Int {
    cell.operations.map(\.initialLogits.count).max() ?? 0
  }

  private static func weights(_ logits: [[Scalar]], _ cell: SearchSpace.Cell) -> [[Double]] {
    let tensor = Tensor(Array(logits.joined()), shape: [logits.count, columns(cell)])
    let logarithms = cell.logCandidateWeights(tensor)
    let candidates = logarithms.shape[1]
    return logits.indices.map { edge in
      (0..<candidates).map { exp(Double(logarithms[edge * candidates + $0])) }
    }
  }
}
