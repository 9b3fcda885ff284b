import SearchSpaces

/// The size of a whole network of NAS-Bench-201.
public struct NetworkCost: Hashable, Sendable {
  /// Multiply-accumulates for one image.
  public let macs: Int
  /// Trained parameters, gains and biases of batch norms included.
  public let parameters: Int
}

/// The size of the network that a genotype stands for, as the benchmark counts it.
///
/// Macro structure of D5 [published: D-X-Y/AutoDL-Projects], 32 x 32 images: stem, three stages of cells, two
/// residual blocks, batch norm and classifier with bias. The benchmark's "FLOPs" are MACs.
public func networkCost(
  of genotype: NASBench201Genotype, channels: Int = 16, cellsPerStage: Int = 5, classes: Int = 10
) -> NetworkCost {
  var (macs, parameters) = (0, 0)
  for stage in 0..<3 {
    let size = MapSize(channels: channels << stage, height: 32 >> stage, width: 32 >> stage)
    if stage > 0 {
      let (inputs, outputs, pixels) = (size.channels / 2, size.channels, size.pixels)
      let weights = 9 * inputs * outputs + 9 * outputs * outputs + inputs * outputs
      macs += weights * pixels
      parameters += weights + 4 * outputs
    }
    for operation in genotype.operations {
      let edge = cellsPerStage * cost(of: SearchSpace.nasBench201Path(operation), at: size)
      macs += edge.macs
      parameters += edge.trainableWeights + 2 * size.channels * edge.batchNorms
    }
  }
  let last = 4 * channels
  return NetworkCost(
    macs: macs + 27 * channels * 1024 + last * classes + classes,
    parameters: parameters + 27 * channels + 2 * channels + 2 * last + last * classes + classes)
}
