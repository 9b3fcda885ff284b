/// The macro structure of NAS-Bench-201: three stages of N cells each.
///
///     stem (3x3 convolution to C, BN)
///     N cells at C channels, 32 x 32
///     residual block to 2 C, N cells at 16 x 16
///     residual block to 4 C, N cells at 8 x 8
///     BN, ReLU, global average, linear
///
/// Macro structure of D5 [published: D-X-Y/AutoDL-Projects]. Its batch norms have gain and bias. It has no place for an
/// auxiliary head.
public struct StagesOfCells: MacroStructure {
  /// Creates the structure.
  public init() {}

  /// C = 16 and N = 5.
  public var evaluationSize: NetworkSize { NetworkSize(channels: 16, cells: 5) }

  /// Adds the layers; `cells` of the size are those of one stage.
  public func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
    plan.addStem(channels: size.channels)
    for stage in 0..<3 {
      if stage > 0 { plan.addResidualBlock() }
      for _ in 0..<size.cells { plan.addCell(kind: 0, channels: size.channels << stage) }
    }
    plan.addNormalization()
    plan.addClassifier()
  }
}
