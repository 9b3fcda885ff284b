/// The macro structure of DARTS for CIFAR: a row of cells, each of which reads the two before it.
///
///     stem (3x3 convolution to 3 C, BN)
///     cells; those at 1/3 and 2/3 of them are reduction cells, which halve the image and double C
///     global average, linear
///
/// Macro structure of D1 [published: quark0/darts]: 8 cells and C = 16 in a search, 20 cells and C = 36 in an
/// evaluation, where an auxiliary head may read the output of the second reduction cell.
public struct CellsWithReductions: MacroStructure {
  /// Creates the structure.
  public init() {}

  /// C = 36 and 20 cells.
  public var evaluationSize: NetworkSize { NetworkSize(channels: 36, cells: 20) }

  /// Adds the layers; `cells` of the size are all of the network; of two and more, two are reduction cells.
  public func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
    plan.addRow(of: size) { Self.isReduction($0, of: size.cells) ? 1 : 0 }
  }

  /// Whether a cell of a row halves the image: at one third and at two thirds of the depth.
  static func isReduction(_ index: Int, of cells: Int) -> Bool {
    index == cells / 3 || index == 2 * cells / 3
  }
}

extension NetworkPlan {
  /// Adds all layers of a row of cells whose kinds are given by their places.
  mutating func addRow(of size: NetworkSize, kind: (_ index: Int) -> Int) {
    precondition(size.cells >= 1, "a network needs a cell")
    addStem(channels: 3 * size.channels)
    var channels = size.channels
    for index in 0..<size.cells {
      channels *= CellsWithReductions.isReduction(index, of: size.cells) ? 2 : 1
      addCell(kind: kind(index), channels: channels)
      if size.hasAuxiliaryHead, index == 2 * size.cells / 3 { addAuxiliaryHead() }
    }
    addClassifier()
  }
}
