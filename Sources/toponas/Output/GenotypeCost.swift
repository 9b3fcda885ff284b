import Reports
import Runs
import SearchSpaces
import TopologicalSimplification

/// What the network of a genotype costs, as text or as one JSON object.
struct GenotypeCost: Encodable {
  let space: String
  let genotype: String
  let channels: Int
  /// In each of three stages for NAS-Bench-201, of the whole network for DARTS.
  let cells: Int
  let classes: Int
  let parameters: Int
  let macs: Int
  /// What the auxiliary head adds, which runs in training only; nil if it was not asked for.
  let auxiliaryParameters: Int?
  let auxiliaryMacs: Int?

  init(
    _ input: GenotypeInput, channels: Int? = nil, cells: Int? = nil, classes: Int? = nil,
    auxiliary: Bool = false
  ) throws(CostCommandError) {
    self.classes = classes ?? 10
    let (own, entry) = (input.genotype, input.genotype.entry)
    let published = own.space.macroStructure.evaluationSize
    (space, genotype) = (entry.name, own.description)
    (self.channels, self.cells) = (channels ?? published.channels, cells ?? published.cells)
    if let count = own.ownCellCount {
      guard count == self.cells else { throw .otherCells(self.cells, own: count) }
    } else if self.cells < entry.leastDerivedCells {
      throw .tooFewCells(self.cells, SearchedSpace(entry))
    }
    guard !auxiliary || entry.trainingRecipe.auxiliaryWeight != nil else { throw .noAuxiliaryHead }
    let cost = networkCost(
      of: own, channels: self.channels, cells: self.cells, classes: self.classes)
    let head =
      auxiliary
      ? auxiliaryHeadCost(
        of: own, channels: self.channels, cells: self.cells, classes: self.classes) : nil
    (parameters, macs) = (cost.parameters, cost.macs)
    (auxiliaryParameters, auxiliaryMacs) = (head?.parameters, head?.macs)
  }

  var text: String { "genotype    \(genotype)\n\(sizeText)" }

  /// The network and its size.
  var sizeText: String {
    let network = """
      network     \(networkText)
      parameters  \(grouped(parameters)) (\(decimals(Double(parameters) / 1e6, 6)) M)
      MACs        \(grouped(macs)) (\(decimals(Double(macs) / 1e6, 2)) M) an image of 32 x 32; FLOPs are 2 x MACs
      """
    guard let auxiliaryParameters, let auxiliaryMacs else { return network }
    return """
      \(network)
      auxiliary   \(grouped(auxiliaryParameters)) parameters and \(grouped(auxiliaryMacs)) MACs more, in training only: \
      \(grouped(parameters + auxiliaryParameters)) and \(grouped(macs + auxiliaryMacs))
      """
  }

  /// What the network is built of.
  var networkText: String {
    "\(space), C = \(channels), \(SpaceEntry.named(space)?.countText(cells) ?? ""), \(classes) classes"
  }
}
