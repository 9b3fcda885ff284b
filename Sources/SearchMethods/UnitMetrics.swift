import SearchSpaces
import Tensors

/// A report of a unit that any search can use: what all have in common, and named numbers.
public struct UnitMetrics: UnitReport {
  /// The unit, counted from 1.
  public let unit: Int
  /// What the search would return now.
  public let genotype: String
  /// The accuracy by which the search judges itself, a share in [0, 1]; nil where nothing is trained.
  public let accuracy: Double?
  /// Skip connections in what it would return; nil where they tell nothing.
  public let skips: Int?
  /// Wall time of the unit, in seconds.
  public let seconds: Double
  /// Median wall time of a step, in seconds.
  public let secondsPerStep: Double
  /// The most bytes that tensors held at one time so far, where a meter counts them; nil elsewhere.
  public let peakTensorBytes: Int?
  /// Resident memory of the process after the unit, in bytes.
  public let peakMemoryBytes: Int
  /// The numbers of the search, in the order of the screen.
  public let columns: [ReportColumn]

  /// Creates the report of the unit after those of `progress`, whose steps are those of this unit.
  ///
  /// - Parameters:
  ///   - progress: the progress at the end of the unit, before it counts as done.
  ///   - found: what the search would return now.
  ///   - accuracy: the accuracy by which it judges itself; nil where nothing is trained.
  ///   - evaluationSeconds: wall time besides the steps.
  ///   - columns: named numbers.
  public init(
    _ progress: SearchProgress, found: some DerivedArchitecture, accuracy: Double? = nil,
    evaluationSeconds: Double = 0, columns: [ReportColumn]
  ) {
    unit = progress.units + 1
    (genotype, skips, self.accuracy) = ("\(found)", found.skipCount, accuracy)
    seconds = progress.stepSeconds.reduce(0, +) + evaluationSeconds
    secondsPerStep = progress.medianStepSeconds
    peakTensorBytes = StorageMeter.current?.peakBytes
    peakMemoryBytes = ProcessMemory.residentBytes
    self.columns = columns
  }
}

extension SearchProgress {
  /// The median wall time of the steps of the unit, in seconds; 0 where it has none.
  public var medianStepSeconds: Double {
    stepSeconds.isEmpty ? 0 : stepSeconds.sorted()[stepSeconds.count / 2]
  }
}
