import Reports
import SearchMethods
import SearchSpaces

/// The series of architectures that a search found, each smaller than the one before.
package struct RunSeries {
  private let points: [(unit: Int, point: SeriesPoint, genotype: GenotypeInput)]

  /// The series of a run; nil if it has none.
  ///
  /// Throws if a text is no architecture.
  package init?(_ units: [any UnitReport], file: String) throws {
    points = try units.flatMap { unit in
      try unit.points.map { point in
        guard let genotype = try? GenotypeInput(parsing: point.genotype) else {
          throw RunHistoryError.badLine(
            file: file, line: unit.unit, expected: "an architecture for each point of the series")
        }
        return (unit.unit, point, genotype)
      }
    }
    if points.isEmpty { return nil }
  }

  /// The curve, a table, and a picture of each architecture.
  package func write(_ html: inout HTMLWriter) {
    html.element(
      "p",
      "One search, \(counted(points.count, "architecture")): each is a point, with the accuracy that it had in the "
        + "supernet, with the weights of that moment. What it reaches when it is trained from scratch is another matter."
    )
    html.widePicture(chart, label: "Accuracy over cost of the series")
    html.table(
      "Architectures of the series",
      head: ["epoch", "M MACs", "accuracy, %", "operations", "skips"],
      numeric: Set(0...4),
      rows: points.map { unit, point, genotype in
        [
          "\(unit)", decimals(point.cost, 2), decimals(100 * point.accuracy, 2),
          "\(genotype.genotype.edgeCount)", "\(genotype.genotype.skipCount)",
        ]
      })
    for (unit, point, genotype) in points {
      html.details("The architecture of epoch \(unit), \(decimals(point.cost, 2)) M MACs") { html in
        html.command(point.genotype)
        html.widePicture(
          CellSVG("After epoch \(unit)", caption: "", genotype.genotype).svg,
          label: "The architecture of epoch \(unit)")
      }
    }
  }

  private var chart: String {
    LineChart(
      "Accuracy over cost", caption: "each mark is an architecture that the search emitted",
      x: "M MACs for one image", y: "accuracy in the supernet, %",
      series: [
        LineChart.Series(
          "", points: points.map { (x: $0.point.cost, y: 100 * $0.point.accuracy) }.reversed(),
          marks: .points)
      ]
    ).svg
  }
}
