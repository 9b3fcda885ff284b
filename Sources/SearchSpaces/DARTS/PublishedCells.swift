// Cells that papers found, in the names of the programs that hold them.
extension DARTSGenotype {
  /// The cells with names, and the repository that they are read from.
  ///
  /// The first two were not searched in this space; quark0/darts has put them into its form.
  public static let published: [(name: String, source: String, genotype: DARTSGenotype)] = [
    ("NASNet", "quark0/darts", nasNet), ("AmoebaNet", "quark0/darts", amoebaNet),
    ("DARTS_V1", "quark0/darts", dartsV1), ("DARTS_V2", "quark0/darts", dartsV2),
    ("PNASNet", "D-X-Y/AutoDL-Projects", pnasNet),
    ("GDAS_V1", "D-X-Y/AutoDL-Projects", gdasV1),
    ("SNAS", "xiaomi-automl/FairDARTS", snas),
    ("PDARTS", "chenxin061/pdarts", pDARTS), ("XNAS", "NivNayman/XNAS", xnas),
    ("PC_DARTS_cifar", "yuhuixu1993/PC-DARTS", pcDARTSOfCIFAR),
    ("PC_DARTS_image", "yuhuixu1993/PC-DARTS", pcDARTSOfImageNet),
    ("FairDARTS_a", "xiaomi-automl/FairDARTS", fairDARTSA),
    ("DOTS_final_C10", "guyuchao/DOTS", dotsOfCIFAR10),
    ("DOTS_final_C100", "guyuchao/DOTS", dotsOfCIFAR100),
    ("DOTS_ImageNet", "guyuchao/DOTS", dotsOfImageNet),
  ]

  /// Other names of some of them, in lower case.
  private static let otherNames = [
    "darts": "darts_v2", "pcdarts": "pc_darts_cifar", "pc_darts": "pc_darts_cifar",
  ]

  /// The published cells with a name, which may be written with other letters: `DARTS_V2`, `darts-v2`, `genotypes.DARTS_V2`.
  public init?(published name: String) {
    guard name.utf8.count < 100, !name.contains(where: \.isWhitespace) else { return nil }
    let plain = name.lastName.lowercased().replacing("-", with: "_")
    let wanted = Self.otherNames[plain] ?? plain
    guard let found = Self.published.first(where: { $0.name.lowercased() == wanted }) else {
      return nil
    }
    self = found.genotype
  }
}

extension DARTSGenotype.Cell {
  /// Two operations per node, each with its source.
  fileprivate init(_ pairs: (Primitive, Int)..., output: [Int]? = nil) {
    self.init(
      pairs.map { DARTSGenotype.Connection($0.0, from: $0.1) }, concatenated: output)
  }

  /// A list for each node.
  fileprivate init(nodes: [(Primitive, Int)]..., output: [Int]) {
    self.init(
      nodes: nodes.map { $0.map { DARTSGenotype.Connection($0.0, from: $0.1) } },
      concatenated: output)
  }
}

extension DARTSGenotype {
  /// The cells that the authors of DARTS found by first-order search [published: quark0/darts].
  public static let dartsV1 = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 1), (.sepConv3x3, 0), (.skipConnect, 0), (.sepConv3x3, 1), (.skipConnect, 0),
      (.sepConv3x3, 1), (.sepConv3x3, 0), (.skipConnect, 2)),
    reduction: Cell(
      (.maxPool3x3, 0), (.maxPool3x3, 1), (.skipConnect, 2), (.maxPool3x3, 0), (.maxPool3x3, 0),
      (.skipConnect, 2), (.skipConnect, 2), (.avgPool3x3, 0)))

  /// The cells that the authors of DARTS found by second-order search [published: quark0/darts].
  public static let dartsV2 = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 0), (.sepConv3x3, 1), (.sepConv3x3, 0), (.sepConv3x3, 1), (.sepConv3x3, 1),
      (.skipConnect, 0), (.skipConnect, 0), (.dilConv3x3, 2)),
    reduction: Cell(
      (.maxPool3x3, 0), (.maxPool3x3, 1), (.skipConnect, 2), (.maxPool3x3, 1), (.maxPool3x3, 0),
      (.skipConnect, 2), (.skipConnect, 2), (.maxPool3x3, 1)))

  /// NASNet-A, with five nodes [published: quark0/darts].
  private static let nasNet = DARTSGenotype(
    normal: Cell(
      (.sepConv5x5, 1), (.sepConv3x3, 0), (.sepConv5x5, 0), (.sepConv3x3, 0), (.avgPool3x3, 1),
      (.skipConnect, 0), (.avgPool3x3, 0), (.avgPool3x3, 0), (.sepConv3x3, 1), (.skipConnect, 1)),
    reduction: Cell(
      (.sepConv5x5, 1), (.sepConv7x7, 0), (.maxPool3x3, 1), (.sepConv7x7, 0), (.avgPool3x3, 1),
      (.sepConv5x5, 0), (.skipConnect, 3), (.avgPool3x3, 2), (.sepConv3x3, 2), (.maxPool3x3, 1),
      output: [4, 5, 6]))

  /// AmoebaNet-A, with five nodes [published: quark0/darts].
  private static let amoebaNet = DARTSGenotype(
    normal: Cell(
      (.avgPool3x3, 0), (.maxPool3x3, 1), (.sepConv3x3, 0), (.sepConv5x5, 2), (.sepConv3x3, 0),
      (.avgPool3x3, 3), (.sepConv3x3, 1), (.skipConnect, 1), (.skipConnect, 0), (.avgPool3x3, 1),
      output: [4, 5, 6]),
    reduction: Cell(
      (.avgPool3x3, 0), (.sepConv3x3, 1), (.maxPool3x3, 0), (.sepConv7x7, 2), (.sepConv7x7, 0),
      (.avgPool3x3, 1), (.maxPool3x3, 0), (.maxPool3x3, 1), (.conv7x1And1x7, 0), (.sepConv3x3, 5),
      output: [3, 4, 6]))

  /// PNASNet-5, whose two cells are alike [published: D-X-Y/AutoDL-Projects].
  private static let pnasNet: DARTSGenotype = {
    let cell = Cell(
      (.sepConv5x5, 0), (.maxPool3x3, 0), (.sepConv7x7, 1), (.maxPool3x3, 1), (.sepConv5x5, 1),
      (.sepConv3x3, 1), (.sepConv3x3, 4), (.maxPool3x3, 1), (.sepConv3x3, 0), (.skipConnect, 1))
    return DARTSGenotype(normal: cell, reduction: cell)
  }()

  private static let gdasV1 = DARTSGenotype(
    normal: Cell(
      (.skipConnect, 0), (.skipConnect, 1), (.skipConnect, 0), (.sepConv5x5, 2), (.sepConv3x3, 3),
      (.skipConnect, 0), (.sepConv5x5, 4), (.sepConv3x3, 3)),
    reduction: Cell(
      (.sepConv5x5, 0), (.sepConv3x3, 1), (.sepConv5x5, 2), (.sepConv5x5, 1), (.dilConv5x5, 2),
      (.sepConv3x3, 1), (.sepConv5x5, 0), (.sepConv5x5, 1)))

  private static let snas = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 0), (.sepConv3x3, 1), (.skipConnect, 0), (.dilConv3x3, 1), (.skipConnect, 1),
      (.skipConnect, 0), (.skipConnect, 0), (.sepConv3x3, 1)),
    reduction: Cell(
      (.maxPool3x3, 0), (.maxPool3x3, 1), (.maxPool3x3, 1), (.skipConnect, 2), (.skipConnect, 2),
      (.maxPool3x3, 1), (.maxPool3x3, 0), (.dilConv5x5, 2)))

  private static let pDARTS = DARTSGenotype(
    normal: Cell(
      (.skipConnect, 0), (.dilConv3x3, 1), (.skipConnect, 0), (.sepConv3x3, 1), (.sepConv3x3, 1),
      (.sepConv3x3, 3), (.sepConv3x3, 0), (.dilConv5x5, 4)),
    reduction: Cell(
      (.avgPool3x3, 0), (.sepConv5x5, 1), (.sepConv3x3, 0), (.dilConv5x5, 2), (.maxPool3x3, 0),
      (.dilConv3x3, 1), (.dilConv3x3, 1), (.dilConv5x5, 3)))

  private static let xnas = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 1), (.skipConnect, 0), (.sepConv3x3, 0), (.sepConv3x3, 2), (.sepConv3x3, 3),
      (.sepConv3x3, 1), (.dilConv5x5, 4), (.sepConv3x3, 0)),
    reduction: Cell(
      (.maxPool3x3, 0), (.avgPool3x3, 1), (.avgPool3x3, 0), (.skipConnect, 2), (.dilConv3x3, 3),
      (.maxPool3x3, 0), (.dilConv5x5, 4), (.avgPool3x3, 0)))

  private static let pcDARTSOfCIFAR = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 1), (.skipConnect, 0), (.sepConv3x3, 0), (.dilConv3x3, 1), (.sepConv5x5, 0),
      (.sepConv3x3, 1), (.avgPool3x3, 0), (.dilConv3x3, 1)),
    reduction: Cell(
      (.sepConv5x5, 1), (.maxPool3x3, 0), (.sepConv5x5, 1), (.sepConv5x5, 2), (.sepConv3x3, 0),
      (.sepConv3x3, 3), (.sepConv3x3, 1), (.sepConv3x3, 2)))

  private static let pcDARTSOfImageNet = DARTSGenotype(
    normal: Cell(
      (.skipConnect, 1), (.sepConv3x3, 0), (.sepConv3x3, 0), (.skipConnect, 1), (.sepConv3x3, 1),
      (.sepConv3x3, 3), (.sepConv3x3, 1), (.dilConv5x5, 4)),
    reduction: Cell(
      (.sepConv3x3, 0), (.skipConnect, 1), (.dilConv5x5, 2), (.maxPool3x3, 1), (.sepConv3x3, 2),
      (.sepConv3x3, 1), (.sepConv5x5, 0), (.sepConv3x3, 3)))

  /// FairDARTS-A, with nodes of two inputs, one and none [published: xiaomi-automl/FairDARTS].
  private static let fairDARTSA = DARTSGenotype(
    normal: Cell(
      nodes: [(.sepConv3x3, 0), (.sepConv5x5, 1)], [], [(.maxPool3x3, 0)], [(.sepConv3x3, 0)],
      output: [2, 4, 5]),
    reduction: Cell(
      (.maxPool3x3, 0), (.avgPool3x3, 1), (.avgPool3x3, 0), (.dilConv5x5, 1), (.avgPool3x3, 0),
      (.sepConv5x5, 1), (.skipConnect, 0), (.skipConnect, 1)))

  private static let dotsOfCIFAR10 = DARTSGenotype(
    normal: Cell(
      (.skipConnect, 0), (.sepConv3x3, 1), (.sepConv3x3, 0), (.sepConv3x3, 1), (.sepConv3x3, 0),
      (.sepConv3x3, 1), (.skipConnect, 1), (.dilConv3x3, 3)),
    reduction: Cell(
      (.sepConv3x3, 0), (.sepConv3x3, 1), (.maxPool3x3, 0), (.maxPool3x3, 1), (.maxPool3x3, 0),
      (.dilConv5x5, 3), (.maxPool3x3, 0), (.dilConv5x5, 4)))

  private static let dotsOfCIFAR100 = DARTSGenotype(
    normal: Cell(
      (.sepConv3x3, 0), (.sepConv3x3, 1), (.skipConnect, 0), (.sepConv3x3, 1), (.sepConv3x3, 1),
      (.sepConv3x3, 3), (.sepConv3x3, 1), (.dilConv3x3, 4)),
    reduction: Cell(
      (.avgPool3x3, 0), (.avgPool3x3, 1), (.sepConv5x5, 0), (.sepConv5x5, 1), (.sepConv3x3, 0),
      (.dilConv5x5, 3), (.sepConv3x3, 3), (.dilConv3x3, 4)))

  private static let dotsOfImageNet = DARTSGenotype(
    normal: Cell(
      (.dilConv5x5, 0), (.skipConnect, 1), (.skipConnect, 0), (.sepConv3x3, 1), (.sepConv3x3, 0),
      (.sepConv3x3, 1), (.sepConv3x3, 0), (.sepConv5x5, 1)),
    reduction: Cell(
      (.sepConv5x5, 0), (.sepConv3x3, 1), (.sepConv3x3, 0), (.sepConv5x5, 1), (.maxPool3x3, 0),
      (.dilConv5x5, 3), (.sepConv3x3, 0), (.maxPool3x3, 1)))
}
