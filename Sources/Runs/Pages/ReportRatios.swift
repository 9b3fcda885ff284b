import Reports

/// What simplified searches took over what plain ones took, of pairs that differ in nothing else.
package struct ReportRatios {
  /// The pairs of one group of simplified searches.
  private struct Row {
    let name: String
    let time: Spread
    /// Of tensors; nil if a search did not count them.
    let memory: Spread?
    let pairs: Int
  }

  private let rows: [Row]

  /// Pairs each finished simplified search with the finished plain one of the same seed, settings and build.
  package init(_ groups: [ReportGroup]) {
    let plain = groups.flatMap(\.runs).filter { $0.state == .finished && !$0.plan.isSimplified }
    rows = groups.compactMap { group in
      let pairs = group.runs.filter { $0.state == .finished && $0.plan.isSimplified }.compactMap {
        run in plain.first { $0.differsInSpaceAlone(from: run) }.map { (run, $0) }
      }
      guard !pairs.isEmpty else { return nil }
      return Row(
        name: group.name, time: Spread(pairs.map { $0.secondsPerStep / $1.secondsPerStep }),
        memory: Spread(
          ofAll: pairs.map { simplified, plain in
            guard let bytes = simplified.peak.tensors, let whole = plain.peak.tensors else {
              return nil
            }
            return Double(bytes) / Double(whole)
          }),
        pairs: pairs.count)
    }
  }

  /// The table; nothing if no two searches can be compared.
  package func write(_ html: inout HTMLWriter) {
    guard !rows.isEmpty else { return }
    html.table(
      "Measured ratios: simplified over plain search of the same seed and settings; below 1 the simplified one took "
        + "less. Times of searches that shared a machine with others, or ran on different ones, are not comparable. "
        + "Memory is the most that tensors held at one time. Noise is a ratio nearer to 1 than 1 %, or than its deviation.",
      head: ["simplified searches", "pairs", "time per step", "memory of tensors"],
      numeric: [1, 2, 3],
      rows: rows.map {
        [$0.name, "\($0.pairs)", $0.time.ratioText, $0.memory?.ratioText ?? ""]
      })
  }
}

extension ReportedRun {
  /// Whether this run differs from the other in the simplification of the space alone.
  fileprivate func differsInSpaceAlone(from other: ReportedRun) -> Bool {
    func settings(_ run: ReportedRun) -> [String: String] {
      run.plan.leaves.filter {
        $0.key != "is_simplified" && !$0.key.hasPrefix("simplification.")
      }
    }
    return plan.build == other.plan.build && settings(self) == settings(other)
  }
}
