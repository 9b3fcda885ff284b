import SearchSpaces

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
}

/// The size of the network that a genotype stands for, as the benchmark counts it.
///
/// Macro structure of D5 [published: D-X-Y/AutoDL-Projects], 32 x 32 images: stem, three stages of cells, two
/// residual blocks, batch norm and classifier with bias. The benchmark's "FLOPs" are MACs.
public func networkCost(
  of genotype: NASBench201Genotype, channels: Int = 16, cellsPerStage: Int = 5, classes: Int = 10
) -> NetworkCost {
  var parts = [convolutionAndNorm(27, outputs: channels, pixels: 32 * 32)]
  for stage in 0..<3 {
    let size = MapSize.stage(stage, channels: channels)
    if stage > 0 { parts.append(residualBlockCost(inputs: size.channels / 2, pixels: size.pixels)) }
    for operation in genotype.operations {
      let edge = cellsPerStage * cost(of: SearchSpace.nasBench201Path(operation), at: size)
      parts.append(
        NetworkCost(
          macs: edge.macs,
          parameters: edge.trainableWeights + 2 * size.channels * edge.batchNorms))
    }
  }
  return parts.reduce(.zero, +) + nasBench201HeadCost(channels: channels, classes: classes)
}

/// Batch norm and classifier behind the last stage.
func nasBench201HeadCost(channels: Int, classes: Int) -> NetworkCost {
  NetworkCost(macs: 0, parameters: 2 * 4 * channels) + linearCost(4 * channels, classes)
}
