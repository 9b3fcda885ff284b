import SearchSpaces

/// The size of the network in which derived cells of the DARTS space are trained.
///
/// Macro structure of D1 [published: quark0/darts], 32 x 32 images; DARTS V2 with the defaults has the
/// published 3.35 million parameters. With `auxiliary` the auxiliary head is counted, which runs in training
/// only. MACs are those of convolutions and classifiers.
public func networkCost(
  of genotype: DARTSGenotype, channels: Int = 36, layers: Int = 20, classes: Int = 10,
  auxiliary: Bool = false
) -> NetworkCost {
  let plan = DARTSCellPlan.network(of: genotype, channels: channels, layers: layers)
  let stem = convolutionAndNorm(27, outputs: 3 * channels, pixels: 32 * 32)
  var parts = [stem] + plan.map { cellCost(of: genotype, $0) }
  if auxiliary {
    parts.append(
      auxiliaryCost(of: genotype, channels: channels, layers: layers, classes: classes))
  }
  parts.append(linearCost(plan[layers - 1].outputs, classes))
  return parts.reduce(.zero, +)
}

/// The size of the auxiliary head of that network, which runs in training only.
public func auxiliaryCost(
  of genotype: DARTSGenotype, channels: Int = 36, layers: Int = 20, classes: Int = 10
) -> NetworkCost {
  let plan = DARTSCellPlan.network(of: genotype, channels: channels, layers: layers)
  return convolutionAndNorm(plan[2 * layers / 3].outputs, outputs: 128, pixels: 2 * 2)
    + convolutionAndNorm(128 * 2 * 2, outputs: 768, pixels: 1) + linearCost(768, classes)
}

private func cellCost(of genotype: DARTSGenotype, _ plan: DARTSCellPlan) -> NetworkCost {
  let (channels, extent) = (plan.channels, 32 >> plan.halvings)
  let cell = plan.isReduction ? genotype.reduction : genotype.normal
  // A factorized reduction has as many weights as a 1x1 convolution, and the same image size behind it.
  let inputs = plan.inputs.map {
    convolutionAndNorm($0, outputs: channels, pixels: extent * extent)
  }
  let operations = cell.connections.map { connection in
    let isHalved = plan.isReduction && connection.source >= 2
    let size = isHalved ? extent / 2 : extent
    let path = SearchSpace.dartsDerivedPath(
      connection.operation, stride: plan.stride(from: connection.source))
    let cost = cost(of: path, at: MapSize(channels: channels, height: size, width: size))
    return NetworkCost(
      macs: cost.macs, parameters: cost.trainableWeights + 2 * channels * cost.batchNorms)
  }
  return (inputs + operations).reduce(.zero, +)
}
