import Reports
import SearchMethods

/// One run, as far as its folder tells.
package struct RunSummary: Encodable {
  package enum State: String, Encodable {
    case running, finished, interrupted, failed

    /// The state of a run now.
    package init(of folder: RunFolder) {
      self =
        if folder.isInUse { .running } else if folder.has("summary.json") {
          .finished
        } else if folder.has(RunFailure.file) { .failed } else { .interrupted }
    }
  }

  package let path: String
  package let state: State
  /// The command that began it.
  package let command: RunKind
  /// The method of a search.
  package var method: String?
  package let space: SearchedSpace
  /// Whether the space of a search is simplified.
  package var isSimplified: Bool?
  /// Epochs done.
  package let epochs: Int
  package let epochsWanted: Int
  /// The accuracy of the supernet of a search, after the last epoch.
  package var validationAccuracy: Double?
  /// How many architectures a search added to its series; nil where it has none.
  package var points: Int?
  /// The accuracy of a derived cell that is trained, after the last epoch.
  package var testAccuracy: Double?
  package let genotype: String?
  /// Wall time of the epochs.
  package let seconds: Double

  package init(_ folder: RunFolder) throws {
    switch folder.kind {
    case .evaluate: try self.init(evaluation: folder)
    case .search, nil: try self.init(search: folder)
    }
  }

  private init(search folder: RunFolder) throws {
    let plan = try SearchPlan(of: folder)
    let units = try RunHistory.units(of: folder, plan)
    self.init(
      folder, .search, plan.space, units.map(\.seconds), of: plan.units, units.last?.genotype)
    method = plan.method.name
    isSimplified = plan.isSimplified
    validationAccuracy = units.last?.accuracy
    let count = units.reduce(0) { $0 + $1.points.count }
    points = count > 0 ? count : nil
  }

  private init(evaluation folder: RunFolder) throws {
    let plan = try EvaluationPlan(of: folder)
    let metrics = try RunHistory.epochs(of: folder)
    self.init(
      folder, .evaluate, plan.space, metrics.map(\.seconds), of: plan.settings.epochs,
      plan.genotype.text)
    testAccuracy = try metrics.last?.testAccuracy ?? EvaluationSummary(in: folder)?.testAccuracy
  }

  private init(
    _ folder: RunFolder, _ command: RunKind, _ space: SearchedSpace,
    _ unitSeconds: [Double], of epochsWanted: Int, _ genotype: String?
  ) {
    path = folder.path
    state = State(of: folder)
    (self.command, self.space, self.genotype) = (command, space, genotype)
    (epochs, self.epochsWanted) = (unitSeconds.count, epochsWanted)
    seconds = unitSeconds.reduce(0, +)
  }
}
