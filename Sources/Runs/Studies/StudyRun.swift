import Messages
import Reports
import SearchSpaces

/// Runs the searches of a study, and reads what they left.
package struct StudyRun {
  package let plan: StudyPlan
  /// Where derived cells are looked up.
  package let table: NASBench201Table?
  private let output: any RunOutput
  private let runSearch: (StudySearch) throws -> Void

  /// `runSearch` runs one search to its end, or throws a `StudyError`.
  package init(
    _ plan: StudyPlan, _ table: NASBench201Table?, _ output: any RunOutput,
    runSearch: @escaping (StudySearch) throws -> Void
  ) {
    (self.plan, self.table, self.output) = (plan, table, output)
    self.runSearch = runSearch
  }

  /// Runs those that are not finished; a search that fails does not keep the others from running.
  package func run(_ searches: [StudySearch]) throws {
    // Before any of them runs: what lies in the folders may belong to another study.
    for search in searches { _ = try search.state() }
    try tellOmissions(searches)
    var failures: [StudyError] = []
    for search in searches {
      let place = "\(search.number) of \(plan.searches.count)"
      switch try search.state() {
      case .finished:
        output.progress("\(place)  \(search.name)  finished before")
        continue
      case .unfinished(.running):
        output.progress("\(place)  \(search.name)  is running in another process")
        continue
      default: break
      }
      output.status("\(place)  \(search.name)  running")
      do { try runSearch(search) } catch let error as StudyError {
        if case .interrupted = error { throw error }
        output.error("error: \(error)")
        failures.append(error)
        continue
      }
      let result = try result(of: search).map(line) ?? "left no summary"
      output.progress("\(place)  \(search.name)  \(result)")
    }
    if !failures.isEmpty { throw StudyError.failures(failures.count, of: searches.count) }
  }

  /// Tells what of the images is left out, for the searches themselves are quiet; without images nothing is run.
  private func tellOmissions(_ searches: [StudySearch]) throws {
    let next = try searches.first { if case .finished = try $0.state() { false } else { true } }
    guard let plan = next?.plan else { return }
    try plan.findImages(at: plan.data).tellOmissions(output)
  }

  /// What the finished searches found, in the order of the plan.
  package func results() throws -> [StudyResult] { try plan.searches.compactMap(result) }

  /// How the finished searches came to what they found, in the order of the plan.
  package func course() throws -> StudyCourse {
    let courses = try plan.searches.compactMap { search -> StudyCourse.Course? in
      guard case .finished = try search.state() else { return nil }
      let units = try RunHistory.units(of: RunFolder(opening: search.folder), search.plan)
      return StudyCourse.Course(
        name: search.name, method: search.method, kind: search.kind.name, seed: search.seed,
        epochs: try units.map { try StudyCourse.Epoch($0, table) })
    }
    return StudyCourse(
      space: plan.space.rawValue, courses, columns: table?.columns ?? [])
  }

  /// Tells which searches are not in the table, and why.
  package func tellMissing() throws {
    let missing = try plan.searches.map { ($0.name, try $0.state()) }.filter { _, state in
      if case .finished = state { false } else { true }
    }
    guard !missing.isEmpty else { return }
    let lines =
      missing.prefix(20).map { "  \($0) (\($1.text))" as Message }
      + (missing.count > 20 ? ["  \(missing.count - 20) more"] : [])
    let all = plan.searches.count
    output.error(
      "warning: the table has \(all - missing.count) of \(all) searches; without\n"
        + lines.joined(separator: "\n"))
  }

  private func result(of search: StudySearch) throws -> StudyResult? {
    guard case .finished(let summary) = try search.state() else { return nil }
    return try StudyResult(search, summary, table)
  }

  private func line(_ result: StudyResult) -> String {
    let known = table?.columns.compactMap { name in
      result.benchmark[name].map { ", \(name) \(percent($0.accuracy))" }
    }
    return """
      \(decimals(result.seconds, 1)) s, \(decimals(1000 * result.secondsPerStep, 1)) ms per step, \
      \(result.peakTensorBytes.map { "\(mebibytes($0)) in tensors, " } ?? "")\(result.supernetValidationAccuracy.map { "supernet \(percent($0))" } ?? "")\
      \(known?.joined() ?? "")
      """
  }
}

/// What one search of a study found.
package struct StudyResult: Encodable {
  package let name: String
  package let method: String
  package let kind: String
  package let seed: Int
  package let genotype: String
  package let skipCount: Int
  /// The seconds of all epochs.
  package let seconds: Double
  package let secondsPerStep: Double
  /// Nil in runs of programs that did not count it.
  package let peakTensorBytes: Int?
  package let peakMemoryBytes: Int
  /// Nil where the search trained nothing.
  package let supernetValidationAccuracy: Double?
  /// The accuracies of the derived cell, by column of the table.
  package let benchmark: [String: NASBench201Table.Measurement]

  package init(_ search: StudySearch, _ summary: SearchSummary, _ table: NASBench201Table?) throws {
    (name, method, kind, seed) = (search.name, search.method, search.kind.name, search.seed)
    genotype = summary.genotype
    (seconds, secondsPerStep) = (summary.seconds, summary.secondsPerStep)
    (peakTensorBytes, peakMemoryBytes) = (summary.peakTensorBytes, summary.peakMemoryBytes)
    supernetValidationAccuracy = summary.validationAccuracy
    let genotype = try GenotypeInput(parsing: summary.genotype).genotype
    skipCount = genotype.skipCount
    benchmark = genotype.cellOfBenchmark.flatMap { table?.measurements(of: $0) } ?? [:]
  }
}
