/// Where a cell stands in a network of DARTS cells, and the sizes that follow from it.
///
/// The stem has 3 C channels. Of `layers` cells those at layers / 3 and 2 layers / 3 halve the image and
/// double C. A cell reads the outputs of the two cells before it [published: quark0/darts].
public struct DARTSCellPlace: Hashable, Sendable {
  /// The channels of the maps that a cell reads.
  public struct Inputs: Hashable, Sendable {
    /// Those of input 0, the output of the cell before the last.
    public let beforeLast: Int
    /// Those of input 1, the output of the last cell.
    public let last: Int
  }

  /// Whether the cell halves the image.
  public let isReduction: Bool
  /// Whether the cell before it does, so that input 0 has twice its height and width.
  public let followsReduction: Bool
  /// The channels of every node.
  public let channels: Int
  /// The channels of the inputs before preprocessing.
  public let inputs: Inputs
  /// The channels of the output.
  public let outputs: Int
  /// How often the image was halved before this cell.
  public let halvings: Int

  /// The stride of an operation that starts from node `source`: the inputs of a reduction cell are halved.
  public func stride(from source: Int) -> Int { isReduction && source < 2 ? 2 : 1 }

  /// The places of all cells of a network.
  ///
  /// - Parameters:
  ///   - channels: C, those of the nodes of the first cells.
  ///   - layers: how many cells.
  ///   - normalNodes: how many nodes make up the output of a normal cell.
  ///   - reductionNodes: how many nodes make up the output of a reduction cell.
  /// - Returns: one place a cell, the first cell first.
  public static func all(
    channels: Int, layers: Int, normalNodes: Int = 4, reductionNodes: Int = 4
  ) -> [DARTSCellPlace] {
    precondition(layers >= 2, "two reduction cells need at least 2 layers, found \(layers)")
    var places: [DARTSCellPlace] = []
    var inputs = Inputs(beforeLast: 3 * channels, last: 3 * channels)
    var (width, halvings) = (channels, 0)
    for index in 0..<layers {
      let isReduction = index == layers / 3 || index == 2 * layers / 3
      if isReduction { width *= 2 }
      let place = DARTSCellPlace(
        isReduction: isReduction, followsReduction: places.last?.isReduction ?? false,
        channels: width, inputs: inputs,
        outputs: width * (isReduction ? reductionNodes : normalNodes), halvings: halvings)
      places.append(place)
      inputs = Inputs(beforeLast: inputs.last, last: place.outputs)
      if isReduction { halvings += 1 }
    }
    return places
  }

  /// The places of all cells of a network of `genotype`.
  public static func all(
    for genotype: DARTSGenotype, channels: Int, layers: Int
  ) -> [DARTSCellPlace] {
    all(
      channels: channels, layers: layers, normalNodes: genotype.normal.concatenated.count,
      reductionNodes: genotype.reduction.concatenated.count)
  }
}
