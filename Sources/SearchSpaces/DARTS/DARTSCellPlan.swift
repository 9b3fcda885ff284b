/// Where a cell stands in a network of DARTS cells, and the sizes that follow from it.
///
/// The stem has 3 C channels. Of `layers` cells those at layers / 3 and 2 layers / 3 halve the image and
/// double C. A cell reads the outputs of the two cells before it [published: quark0/darts].
public struct DARTSCellPlan: Hashable, Sendable {
  /// Channels of the output of the cell before the last, and of the last.
  public let inputs: [Int]
  /// Channels of the cell's nodes.
  public let channels: Int
  /// Channels of the cell's output, the concatenation of its nodes.
  public let outputs: Int
  /// Whether the cell halves the image.
  public let isReduction: Bool
  /// Whether the cell before did, so that the input from before it is twice as large.
  public let followsReduction: Bool
  /// How often the image was halved before this cell.
  public let halvings: Int

  /// The stride of an operation that starts from node `source`: a reduction cell halves its inputs.
  public func stride(from source: Int) -> Int { isReduction && source < 2 ? 2 : 1 }

  /// The cells of a network: reductions, which double the channels, at 1/3 and 2/3 of them.
  ///
  /// - Parameters:
  ///   - channels: C, those of the nodes of the first cells.
  ///   - layers: how many cells.
  ///   - normalNodes: how many nodes make up the output of a normal cell.
  ///   - reductionNodes: how many nodes make up the output of a reduction cell.
  /// - Returns: one plan a cell, the first cell first.
  public static func network(
    channels: Int, layers: Int, normalNodes: Int = 4, reductionNodes: Int = 4
  ) -> [DARTSCellPlan] {
    (0..<layers).reduce(into: []) { plan, index in
      let isReduction = index == layers / 3 || index == 2 * layers / 3
      let width = (plan.last?.channels ?? channels) * (isReduction ? 2 : 1)
      let outputs = plan.map(\.outputs)
      let inputs = ([3 * channels, 3 * channels] + outputs).suffix(2)
      plan.append(
        DARTSCellPlan(
          inputs: Array(inputs), channels: width,
          outputs: width * (isReduction ? reductionNodes : normalNodes), isReduction: isReduction,
          followsReduction: plan.last?.isReduction ?? false,
          halvings: plan.count { $0.isReduction }))
    }
  }

  /// The cells of the network in which `genotype` is trained, at least 2.
  public static func network(
    of genotype: DARTSGenotype, channels: Int, layers: Int
  ) -> [DARTSCellPlan] {
    precondition(layers >= 2, "two reduction cells need at least 2 layers, found \(layers)")
    return network(
      channels: channels, layers: layers, normalNodes: genotype.normal.concatenated.count,
      reductionNodes: genotype.reduction.concatenated.count)
  }
}
