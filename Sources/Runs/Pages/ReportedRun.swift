import Reports
import SearchMethods
import SearchSpaces

/// A run as a report shows it: what its folder tells, as far as the search came.
package struct ReportedRun {
  /// The path of the run folder.
  package let path: String
  package let plan: SearchPlan
  package let state: RunSummary.State
  /// What was reported of the units that are done.
  package let units: [any UnitReport]
  /// The history of alpha; nil if no epoch is done, or the file is not there.
  package let alphas: AlphaHistory?
  /// The tables of the search besides `alphas.csv` that have numbers for edges.
  package let tables: [EdgeTable]
  /// The series of architectures that it found; nil if it has none.
  package let series: RunSeries?
  /// The architectures that it has measured; nil if it keeps no table of them, or has measured none.
  package let ranked: RankedArchitectures?
  /// Why the search failed, if it did.
  package let failure: String?
  /// The derived cells after the last epoch.
  package let genotype: GenotypeInput?
  /// Bytes of tensors at the peak of a step on the plain and on the simplified space, where who shows the run has
  /// predicted them already.
  package var knownPeaks = SpaceCost.Pair<Int?>(before: nil, after: nil)

  /// Reads a run folder; throws if a file is damaged.
  ///
  /// A search that is at its end, and still holds its lock, says so by `state`.
  package init(_ folder: RunFolder, state: RunSummary.State? = nil) throws {
    path = folder.path
    plan = try SearchPlan(of: folder)
    units = try RunHistory.units(of: folder, plan)
    alphas = try AlphaHistory(folder, plan.searchSpace, epochs: units.count)
    tables = try folder.tableNames.filter { $0 != "alphas" }.compactMap { [plan, units] name in
      try EdgeTable(name, in: folder, plan.plainSpace, epochs: units.count)
    }
    series = try RunSeries(units, file: "\(path)/\(RunHistory.metricsFile)")
    ranked = try RankedArchitectures(folder, units: units.count)
    self.state = state ?? RunSummary.State(of: folder)
    failure = try RunFailure.message(in: folder)
    genotype = try units.last.map { [plan, path, units] last in
      guard let genotype = try? GenotypeInput(parsing: last.genotype), genotype.space == plan.space
      else {
        throw RunHistoryError.badLine(
          file: "\(path)/metrics.jsonl", line: units.count,
          expected: "a genotype of \(plan.space.rawValue)")
      }
      return genotype
    }
  }

  /// The last part of its path.
  package var name: String { runName(path) }
  /// Wall time of the units, in seconds.
  package var seconds: Double { units.reduce(0) { $0 + $1.seconds } }
  /// The median over the units.
  package var secondsPerStep: Double {
    RunHistory.medianSecondsPerStep(units.map(\.secondsPerStep))
  }
  /// The most memory that the search took.
  package var peak: PeakMemory { PeakMemory(units) }

  /// For example `3 of 10 epochs`.
  package var progress: String { "\(units.count) of \(counted(plan.units, "epoch"))" }

  /// The command that makes the same run anew.
  package var command: String { plan.repeatCommand(config: "\(path)/config.json") }

  /// What was searched how, in one sentence.
  package var words: String {
    """
    Searched by \(plan.searchMethod) on \(plan.space.rawValue), \(plan.kindOfSpace), \(plan.sizeText): \
    \(counted(plan.settings.epochs, "epoch")), batch \(plan.settings.batchSize), seed \(plan.seed), \
    on \(plan.trainImages.map { "\(grouped($0)) " } ?? "")\(plan.data.map { "images of \($0)" } ?? "synthetic images").
    """
  }

  /// What the reader must know first, if the search is not finished.
  package var notice: String? {
    RunNotice(work: "search", command: "search", path: path).text(
      state, progress: progress, failure: failure)
  }
}

extension SearchPlan {
  /// Whether and how the space is simplified.
  package var kindOfSpace: String {
    guard let simplifier else { return "plain" }
    return (["simplified"] + Simplification(simplifier).words).joined(separator: " ")
  }
}

extension GenotypeInput {
  /// The indices of the operations on each edge of each kind of cell of `space`.
  package func choices(in space: SearchSpace) -> [[[Int]]] {
    genotype.cells.map { cell in
      space.edges.map { edge in
        cell.edges.filter { $0.source == edge.source && $0.target == edge.target }
          .compactMap(\.operation).compactMap { space.primitives.firstIndex(of: $0) }
      }
    }
  }
}
