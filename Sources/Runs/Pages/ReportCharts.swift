import Foundation
import Reports
import SearchMethods
import SearchSpaces

/// The curves of a report: of one run, or of groups of runs.
package struct ReportCharts {
  private let groups: [ReportGroup]

  package init(_ groups: [ReportGroup]) {
    self.groups = groups.filter { $0.runs.contains { !$0.units.isEmpty } }
  }

  package var isEmpty: Bool { groups.isEmpty }

  /// What is true of all charts; nil where there is nothing to say.
  package var words: String? {
    groups.contains { $0.runs.count > 1 }
      ? "Lines are means over seeds, bands their standard deviation." : nil
  }

  /// All that the searches report over their units, as SVG: a chart for each title.
  package var svgs: [String] { curves.map(chart) }

  /// The curves of the last units of all runs, each title once.
  private var curves: [ReportCurve] {
    groups.flatMap(\.runs).compactMap(\.units.last).flatMap(\.curves).reduce(into: []) {
      curves, curve in
      if !curves.contains(where: { $0.title == curve.title }) { curves.append(curve) }
    }
  }

  private func chart(_ curve: ReportCurve) -> String {
    LineChart(
      curve.title, caption: words(curve), x: "epoch", y: curve.axis,
      series: series(curve) + (curve.isEntropy ? undecided : []), levels: curve.levels, width: 440,
      plotHeight: 230
    ).svg
  }

  /// What a chart shows, and, where each group has a colour, which of its lines is which.
  private func words(_ curve: ReportCurve) -> String {
    let names = curve.lines.map(\.name)
    let lines =
      groups.count == 1 || names.count == 1
      ? "" : "full lines: \(names[0]); dashed: \(names.dropFirst().joined(separator: ", "))"
    return [curve.caption, lines].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// The entropy at which nothing is decided, for each number of candidates.
  private var undecided: [LineChart.Series] {
    let runs = groups.flatMap(\.runs)
    let units = runs.flatMap(\.units).map { Double($0.unit) }
    guard let first = units.min(), let last = units.max() else { return [] }
    return Set(runs.map { $0.plan.searchedPrimitives.count }).sorted().map { candidates in
      let entropy = log(Double(candidates))
      return LineChart.Series(
        "undecided: log \(candidates) = \(decimals(entropy, 3))",
        points: [(x: first, y: entropy), (x: last, y: entropy)], isDashed: true)
    }
  }

  /// The lines of a chart: each in a colour of its own for a single group, else each group in a colour of its own.
  private func series(_ curve: ReportCurve) -> [LineChart.Series] {
    groups.enumerated().flatMap { color, group in
      curve.lines.indices.map { index in
        func value(_ unit: any UnitReport) -> Double? {
          let lines = unit.curves.first { $0.title == curve.title }?.lines ?? []
          return lines.indices.contains(index) ? lines[index].value : nil
        }
        return groups.count == 1
          ? group.curve(
            curve.lines[index].name, color: curve.lines.count == 1 ? color : nil, value)
          : group.curve(
            index == 0 ? group.name : "", color: color, isDashed: index > 0, value)
      }
    }
  }
}

extension SearchPlan {
  /// The candidates of every edge.
  fileprivate var searchedPrimitives: [Primitive] { plainSpace.primitives }
}
