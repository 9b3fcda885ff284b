import Reports
import SearchMethods
import SearchSpaces

/// A report on trainings of derived cells: one page of HTML.
package struct TrainingReport {
  private let runs: [ReportedTraining]

  /// A report on at least one training.
  package init(_ runs: [ReportedTraining]) { self.runs = runs }

  /// The page; equal runs give equal pages.
  package var html: String {
    HTMLPage.document(title: "\(title): training report") { html in
      writeHeader(&html)
      if runs.count == 1 { html.section("Result") { writeResult(runs[0], &$0) } }
      if runs.count > 1 { html.section("Results") { writeComparison(&$0) } }
      html.section("To repeat it") { html in
        for run in runs { html.command(run.plan.repeatCommand) }
      }
      if runs.count == 1 { html.section("Cell") { writeCells(runs[0], &$0) } }
      html.section("Curves") { writeCurves(&$0) }
      if runs.count == 1 { html.section("Details") { writeDetails(runs[0], &$0) } }
      if runs.count > 1 { for run in runs { writeRun(run, &html) } }
      html.element(
        "footer",
        "Made by toponas \(programVersion) from \(runs.map(\.path).joined(separator: ", "))."
          + " The same runs give the same page.")
    }
  }

  private var title: String { runs.count == 1 ? runs[0].name : "\(runs.count) trainings" }

  private func writeHeader(_ html: inout HTMLWriter) {
    html.element("header") { header in
      header.element("p", ["class": "above"], "Training of a derived cell")
      header.element("h1", title)
      if runs.count == 1 { header.element("p", runs[0].words) }
    }
    for run in runs {
      if let notice = run.notice {
        let name = runs.count == 1 ? "" : "\(run.name): "
        html.element("p", ["class": "note", "role": "note"], name + notice)
      }
    }
  }

  // MARK: One training

  private func writeResult(_ run: ReportedTraining, _ html: inout HTMLWriter) {
    var facts: [(name: String, value: String)] = [
      ("state", "\(run.state.rawValue), \(run.progress)"), ("cell", run.plan.genotype.text),
    ]
    if let accuracy = run.testAccuracy {
      let when = run.metrics.last.map {
        " after \(counted($0.epoch, "epoch")), which need not be the best"
      }
      facts.append(("test", "accuracy \(percent(accuracy))\(when ?? "")"))
    }
    if let summary = run.summary {
      facts.append(
        (
          "network",
          "\(grouped(summary.parameters)) parameters, "
            + "\(decimals(Double(summary.macs) / 1e6, 2)) M MACs an image"
        ))
    }
    if !run.metrics.isEmpty {
      facts.append(
        (
          "time",
          "\(duration(run.seconds)), \(decimals(1e3 * run.secondsPerStep, 1)) ms per step (median)"
        ))
      facts.append(("memory", "\(run.peak)"))
    }
    html.facts(facts)
  }

  private func writeCells(_ run: ReportedTraining, _ html: inout HTMLWriter) {
    html.widePicture(
      CellSVG(run.name, caption: run.plan.sizeText, run.plan.genotype.genotype).svg,
      label: "The cell of \(run.name)")
  }

  private func writeDetails(_ run: ReportedTraining, _ html: inout HTMLWriter) {
    html.details("Every epoch") { html in
      html.table(
        "Epochs of \(run.name); training loss and accuracy are those of augmented images"
          + (run.plan.settings.auxiliaryWeight == nil
            ? "" : ", the loss with that of the auxiliary head"),
        head: [
          "epoch", "training loss", "training accuracy", "test loss", "test accuracy",
          "learning rate", "drop path", "ms per step",
        ], numeric: Set(0...7),
        rows: run.metrics.map { epoch in
          [
            "\(epoch.epoch)", decimals(epoch.trainingLoss, 4), percent(epoch.trainingAccuracy),
            decimals(epoch.testLoss, 4), percent(epoch.testAccuracy),
            decimals(epoch.learningRate, 6), decimals(epoch.dropPath, 3),
            decimals(1e3 * epoch.secondsPerStep, 1),
          ]
        })
    }
    html.details("All settings") { html in
      // The cell is shown above, and is long.
      let leaves = run.plan.leaves.filter { $0.key != "genotype" }.sorted { $0.key < $1.key }
        .map { [$0.key, $0.value] }
      html.table(
        "Settings of \(run.name)", head: ["setting", "value"], numeric: [],
        rows: leaves + [["version", run.plan.version], ["build", run.plan.build]])
    }
  }

  private func writeRun(_ run: ReportedTraining, _ html: inout HTMLWriter) {
    html.section(run.name) { html in
      html.element("p", run.words)
      writeResult(run, &html)
      html.details("Cell") { writeCells(run, &$0) }
      writeDetails(run, &html)
    }
  }

  // MARK: Curves

  private func writeCurves(_ html: inout HTMLWriter) {
    let runs = runs.filter { !$0.metrics.isEmpty }
    guard !runs.isEmpty else { return html.element("p", "No epoch is done.") }
    if runs.count > 1 {
      html.element("p", "Full lines are of the test images, dashed ones of the training images.")
    }
    html.gallery([
      chart("Loss", "loss", both(runs, \.testLoss, \.trainingLoss)),
      chart(
        "Accuracy", "accuracy, %",
        both(runs, { 100 * $0.testAccuracy }, { 100 * $0.trainingAccuracy })),
    ])
  }

  private func chart(_ title: String, _ y: String, _ series: [LineChart.Series]) -> String {
    LineChart(title, caption: "", x: "epoch", y: y, series: series, width: 440, plotHeight: 230).svg
  }

  /// Test and training: in two colours for a single run, else each run in a colour of its own.
  private func both(
    _ runs: [ReportedTraining], _ test: (TrainingMetrics) -> Double,
    _ training: (TrainingMetrics) -> Double
  ) -> [LineChart.Series] {
    func points(_ run: ReportedTraining, _ value: (TrainingMetrics) -> Double) -> [(
      x: Double, y: Double
    )] { run.metrics.map { (x: Double($0.epoch), y: value($0)) } }
    if runs.count == 1 {
      return [
        LineChart.Series("test images", points: points(runs[0], test)),
        LineChart.Series("training images", points: points(runs[0], training)),
      ]
    }
    return runs.enumerated().flatMap { color, run in
      [
        LineChart.Series(run.name, points: points(run, test), color: color),
        LineChart.Series("", points: points(run, training), isDashed: true, color: color),
      ]
    }
  }

  // MARK: Comparison

  private func writeComparison(_ html: inout HTMLWriter) {
    let (sums, differing) = (groups.filter { $0.count > 1 }, differingSettings)
    html.table(
      "Trainings, and the mean and standard deviation of finished ones that differ in the seed alone. "
        + "Accuracy is that on the test images after the last epoch.",
      head: ["run", "state", "seed", "epochs", "test accuracy, %", "ms per step", "time, s"]
        + differing,
      numeric: Set(2...6),
      rows: runs.map { row($0) + settings(differing, of: $0) }
        + sums.map { row($0) + settings(differing, of: $0[0]) },
      strong: Set(sums.indices.map { runs.count + $0 }))
  }

  /// The settings in which not all trainings agree, without the seed, and the cells, which have pictures.
  private var differingSettings: [String] {
    let leaves = runs.map(\.plan.leaves)
    return Set(leaves.flatMap(\.keys)).subtracting(["seed", "genotype"]).sorted()
      .filter { key in Set(leaves.map { $0[key] }).count > 1 }
  }

  private func settings(_ keys: [String], of run: ReportedTraining) -> [String] {
    let leaves = run.plan.leaves
    return keys.map { leaves[$0] ?? "" }
  }

  private func row(_ run: ReportedTraining) -> [String] {
    let speed =
      run.metrics.isEmpty
      ? ["", ""] : [decimals(1e3 * run.secondsPerStep, 1), decimals(run.seconds, 1)]
    return [
      run.name, run.state.rawValue, "\(run.plan.seed)",
      "\(run.metrics.count)/\(run.plan.settings.epochs)",
      run.testAccuracy.map { decimals(100 * $0, 2) } ?? "",
    ] + speed
  }

  private func row(_ group: [ReportedTraining]) -> [String] {
    [
      "\(group.count) seeds like \(group[0].name)", "", "", "",
      Spread(group.map { 100 * ($0.testAccuracy ?? 0) }).text(digits: 2),
      Spread(group.map { 1e3 * $0.secondsPerStep }).text(digits: 1),
      Spread(group.map(\.seconds)).text(digits: 1),
    ]
  }

  /// Finished trainings with equal settings except for the seed.
  private var groups: [[ReportedTraining]] {
    var (keys, members) = ([[String: String]](), [[ReportedTraining]]())
    for run in runs where run.state == .finished && run.testAccuracy != nil {
      let key = run.plan.leaves.filter { $0.key != "seed" }
      if let index = keys.firstIndex(of: key) {
        members[index].append(run)
      } else {
        keys.append(key)
        members.append([run])
      }
    }
    return members
  }
}
