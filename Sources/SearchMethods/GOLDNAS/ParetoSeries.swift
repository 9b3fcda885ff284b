/// One architecture of the series that a search yields.
public struct ParetoPoint: Hashable, Codable, Sendable {
  /// The gates that each cell keeps, ascending.
  public let cells: [[Int]]
  /// What the network costs for one image, in millions of multiply-accumulates.
  public let cost: Double
}

/// Which architectures of a search are worth a point: those that nothing left for some epochs.
public struct ParetoSeries: Hashable, Codable, Sendable {
  /// t_0: an architecture is stable after more than so many epochs without pruning.
  public let stableEpochs: Int
  /// t: the epochs without pruning until now.
  public private(set) var quietEpochs = 0

  /// Creates the series of a search that begins; the standard number is the published one.
  public init(stableEpochs: Int = 3) { self.stableEpochs = stableEpochs }

  /// Creates the series of a search that goes on.
  init(stableEpochs: Int, quietEpochs: Int) {
    (self.stableEpochs, self.quietEpochs) = (stableEpochs, quietEpochs)
  }

  /// Whether the architecture before this epoch's pruning is a point, `pruned` the number of gates pruned in it.
  ///
  /// Equation: B-8 [published: sunsmarterjie/GOLD_NAS; reconstructed: high]. t counts consecutive epochs with p = 0;
  /// when pruning resumes and t > t_0, an architecture is emitted.
  ///
  /// The published code emits the one after that epoch's pruning; that the stable one is meant, the one before, is
  /// this project's reading.
  ///
  /// Explained in chapter 26.
  public mutating func endEpoch(pruned: Int) -> Bool {
    guard pruned > 0 else {
      quietEpochs += 1
      return false
    }
    defer { quietEpochs = 0 }
    return quietEpochs > stableEpochs
  }
}
