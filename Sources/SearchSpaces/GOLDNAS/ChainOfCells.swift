/// The macro structure of GOLD-NAS: the row of cells of DARTS, in which every cell is a kind of its own.
///
/// The published search has 36 channels and 14 cells, and so has the network of what it derives.
public struct ChainOfCells: MacroStructure {
  /// How many cells the network has.
  public let cells: Int

  /// Creates the structure of a network of so many cells.
  public init(cells: Int) {
    precondition(cells >= 1, "a network needs a cell")
    self.cells = cells
  }

  /// The kinds of cells: `cell0`, `cell1` and so on; those at 1/3 and 2/3 of them halve the image.
  public var kinds: [(name: String, isReduction: Bool)] {
    (0..<cells).map { ("cell\($0)", CellsWithReductions.isReduction($0, of: cells)) }
  }

  /// C = 36 and all cells.
  public var evaluationSize: NetworkSize { NetworkSize(channels: 36, cells: cells) }

  /// Adds the layers; the size has as many cells as the structure.
  public func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
    precondition(
      size.cells == cells, "expected a network of \(cells) cells, each a kind, found \(size.cells)")
    plan.addRow(of: size) { $0 }
  }
}
