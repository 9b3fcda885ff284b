import Reports
import SearchSpaces

/// A report on searches: one page of HTML.
package struct RunReport {
  private let runs: [ReportedRun]
  private let groups: [ReportGroup]
  private let charts: ReportCharts

  /// A report on at least one run.
  package init(_ runs: [ReportedRun]) {
    self.runs = runs
    groups = ReportGroup.groups(of: runs)
    charts = ReportCharts(groups)
  }

  /// The page; equal runs give equal pages.
  package var html: String {
    HTMLPage.document(title: "\(title): search report") { html in
      writeHeader(&html)
      if runs.count > 1 { html.section("Results") { writeComparison(&$0) } }
      if runs.count == 1 { html.section("Result") { runs[0].writeResult(&$0) } }
      html.section("To repeat it") { html in
        for run in runs { html.command(run.command) }
      }
      if runs.count == 1 { html.section("Derived cell") { runs[0].writeCells(&$0) } }
      html.section("Curves") { writeCurves(&$0) }
      if runs.count == 1 { writeParts(of: runs[0], &html) }
      writeSimplification(&html)
      if runs.count > 1 { for run in runs { writeRun(run, &html) } }
      writeFooter(&html)
    }
  }

  private var title: String { runs.count == 1 ? runs[0].name : "\(runs.count) searches" }

  private func writeHeader(_ html: inout HTMLWriter) {
    html.element("header") { header in
      header.element("p", ["class": "above"], "Architecture search")
      header.element("h1", title)
      if runs.count == 1 {
        header.element("p", runs[0].words)
      } else {
        header.element("p", groups.map(\.name).joined(separator: "; ") + ".")
      }
    }
    for run in runs {
      if let notice = run.notice {
        let name = runs.count == 1 ? "" : "\(run.name): "
        html.element("p", ["class": "note", "role": "note"], name + notice)
      }
    }
  }

  private func writeCurves(_ html: inout HTMLWriter) {
    guard !charts.isEmpty else { return html.element("p", "No epoch is done.") }
    if let words = charts.words { html.element("p", words) }
    html.gallery(charts.svgs)
  }

  /// What there is to see of a single run.
  private func writeParts(of run: ReportedRun, _ html: inout HTMLWriter) {
    if let series = run.series { html.section("Series of results") { series.write(&$0) } }
    if let ranked = run.ranked { html.section("Ranking") { ranked.write(&$0) } }
    if run.alphas != nil || run.tables.isEmpty && run.ranked == nil {
      html.section("Alpha") { run.writeAlphas(&$0) }
    }
    if !run.tables.isEmpty { html.section("Tables") { run.writeTables(&$0) } }
    html.section("Details") { html in
      run.writeNotes(&html)
      run.writeDetails(&html)
    }
  }

  private func writeSimplification(_ html: inout HTMLWriter) {
    let costs = ReportCost.all(of: runs)
    html.section("What the simplification changes") { html in
      for sentence in ReportCost.words { html.element("p", sentence) }
      for cost in costs {
        if costs.count > 1 { html.element("h3", cost.title) }
        cost.writeTable(&html)
        cost.writeEdge(&html)
      }
    }
  }

  /// What belongs to one of several runs.
  private func writeRun(_ run: ReportedRun, _ html: inout HTMLWriter) {
    html.section(run.name) { html in
      html.element("p", run.words)
      run.writeResult(&html)
      html.details("Derived cell") { run.writeCells(&$0) }
      if let series = run.series { html.details("Series of results") { series.write(&$0) } }
      if let ranked = run.ranked { html.details("Ranking") { ranked.write(&$0) } }
      if run.alphas != nil { html.details("Alpha over the epochs") { run.writeAlphas(&$0) } }
      run.writeDetails(&html)
    }
  }

  private func writeFooter(_ html: inout HTMLWriter) {
    html.element(
      "footer",
      "Made by toponas \(programVersion) from \(runs.map(\.path).joined(separator: ", "))."
        + " The same runs give the same page.")
  }

  // MARK: Comparison

  private func writeComparison(_ html: inout HTMLWriter) {
    let head = [
      "run", "state", "seed", "epochs", "accuracy, %", "ms per step", "time, s", "tensors, MiB",
      "skips",
    ]
    let sums = groups.filter { $0.runs.count > 1 }
    html.table(
      "Runs, and the mean and standard deviation of those that differ in the seed alone. "
        + "Accuracy is that of the supernet, not of the derived cell; tensors are what they held at most at one time.",
      head: head, numeric: Set(2...8), rows: runs.map(row) + sums.map(row),
      strong: Set(sums.indices.map { runs.count + $0 }))
    ReportRatios(groups).write(&html)
  }

  private func row(_ run: ReportedRun) -> [String] {
    let last = run.units.last
    return [
      run.name, run.state.rawValue, "\(run.plan.seed)",
      "\(run.units.count)/\(run.plan.units)",
      (last?.accuracy).map { decimals(100 * $0, 2) } ?? "",
      decimals(1e3 * run.secondsPerStep, 1), decimals(run.seconds, 1),
      run.peak.tensors.map { grouped($0 / 1_048_576) } ?? "",
      last?.skips.map { "\($0)" } ?? "",
    ]
  }

  /// All runs of a group are finished, so that each has a last epoch.
  private func row(_ group: ReportGroup) -> [String] {
    [
      group.name, "", "", "",
      Spread(ofAll: group.runs.map { $0.units.last?.accuracy })?.text(times: 100, digits: 2) ?? "",
      group.spread { 1e3 * $0.secondsPerStep }.text(digits: 1),
      group.spread(\.seconds).text(digits: 1),
      Spread(ofAll: group.runs.map(\.peak.tensors))?.text(times: 0x1p-20, digits: 0) ?? "",
      Spread(ofAll: group.runs.map { $0.units.last?.skips })?.text(digits: 1) ?? "",
    ]
  }
}
