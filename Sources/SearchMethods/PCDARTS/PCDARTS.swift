import SearchSpaces
import Settings

/// PC-DARTS: Xu et al., *PC-DARTS: Partial Channel Connections for Memory-Efficient Architecture Search*, 2020.
///
/// DARTS, first order, on a part of the channels; a parameter beta of its own weighs the edges of a node, and is
/// trained with alpha. The weights train alone at first.
public struct PCDARTS: SearchMethod {
  /// K: one in K channels goes through the operations.
  public let channelDivisor: Int

  /// Creates the method.
  public init(channelDivisor: Int = 4) { self.channelDivisor = channelDivisor }

  /// The name of the method and its part of the channels.
  public var description: String { "PC-DARTS on 1/\(channelDivisor) of the channels" }

  /// Nodes that take part of the channels and weight their edges.
  public func prepare(_ space: SearchSpace) -> SearchSpace {
    space.with(PartialChannels(divisor: channelDivisor))
  }

  /// The published settings [published: yuhuixu1993/PC-DARTS], in proportion.
  ///
  /// Learning rate 0.1 to 0 with batches of 256, so 0.025 with the batches of 64 of DARTS; alpha frozen for 15 of 50
  /// epochs; alpha learns twice as fast as in DARTS, 6e-4.
  public func adapt(_ settings: inout SearchSettings) {
    settings.learningRate = 0.1 * Double(settings.batchSize) / 256
    settings.minimumLearningRate = 0
    settings.alphaLearningRate *= 2
    settings.frozenEpochs = settings.epochs * 15 / 50
  }
}

extension PCDARTS {
  /// PC-DARTS in the list of methods.
  public static let entry = MethodEntry(
    "pc-darts", summary: "PC-DARTS: part of the channels, weighted edges",
    settings: [
      Setting(
        "partial-channels", .integer(1...64),
        help: "one in N channels goes through the operations.",
        standard: .integer(PCDARTS().channelDivisor))
    ],
    published: { _ in .init(batch: 256) }
  ) { values, _ in PCDARTS(channelDivisor: values.integer("partial-channels")) }
}
