import Reports
import SearchMethods
import SearchSpaces

/// How the searches of a study came to what they found, epoch by epoch.
package struct StudyCourse {
  /// What a search would have returned after an epoch, and how it stood.
  package struct Epoch {
    package let epoch: Int
    /// Of the supernet on images that trained no weights; nil where nothing is trained.
    package let accuracy: Double?
    package let skips: Int?
    /// The mean entropy of the candidates' weights, in nats; nil where a method has none.
    package let entropy: Double?
    /// Accuracies of the derived cell, by column of the table.
    package let benchmark: [String: Double]
  }

  /// One search, with its epochs.
  package struct Course {
    package let name: String
    package let method: String
    package let kind: String
    package let seed: Int
    package let epochs: [Epoch]
  }

  package let space: String
  package let courses: [Course]
  private let columns: [String]

  /// Takes courses of searches; `columns` are those of the table of NAS-Bench-201.
  package init(space: String, _ courses: [Course], columns: [String]) {
    (self.space, self.courses, self.columns) = (space, courses, columns)
  }

  // MARK: Table

  /// One row per search and epoch; accuracies are shares.
  package var csv: String {
    let head =
      ["search,method,kind,seed,epoch,supernet_validation_accuracy,skip_count,alpha_entropy"]
      + columns
    let rows = courses.flatMap { course in
      course.epochs.map { epoch in
        ([
          course.name, course.method, course.kind, "\(course.seed)", "\(epoch.epoch)",
          text(epoch.accuracy), epoch.skips.map { "\($0)" } ?? "", text(epoch.entropy),
        ] + columns.map { text(epoch.benchmark[$0]) }).joined(separator: ",")
      }
    }
    return ([head.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
  }

  private func text(_ number: Double?) -> String { number.map { decimals($0, 6) } ?? "" }

  // MARK: Figure

  /// A column for each method, a row for each quantity, a curve with its band for each kind of space; nil without epochs.
  package var figure: ChartGrid? {
    let methods = distinct(courses.map(\.method))
    let kinds = distinct(courses.map(\.kind))
    let rows = quantities.map { quantity in
      ChartGrid.Row(
        quantity.name,
        series: methods.map { method in
          kinds.compactMap { curve(quantity.of, of: method, on: $0) }
        }, levels: quantity.levels)
    }
    guard !rows.isEmpty else { return nil }
    let seeds = Set(courses.map(\.seed)).count
    return ChartGrid(
      "Course of searches on plain and simplified spaces: \(space)",
      caption: seeds > 1
        ? "Mean over \(counted(seeds, "seed")); bands: standard deviation." : "One seed.",
      x: "epoch", columns: methods, rows: rows)
  }

  private typealias Quantity = (
    name: String, levels: [Double], of: @Sendable (Epoch) -> Double?
  )

  /// What any epoch has a number for, as the axes name it.
  private var quantities: [Quantity] {
    let column = columns.last { $0.hasSuffix("_test") } ?? columns.last
    let all: [Quantity] = [
      (
        "cell in the table, %", [],
        { epoch in column.flatMap { epoch.benchmark[$0] }.map { 100 * $0 } }
      ),
      ("supernet, %", [], { $0.accuracy.map { 100 * $0 } }),
      ("skips in the cell", [0], { $0.skips.map(Double.init) }),
      ("entropy, nats", [], { $0.entropy }),
    ]
    return all.filter { quantity in
      courses.contains { $0.epochs.contains { quantity.of($0) != nil } }
    }
  }

  /// The mean of a quantity over the seeds, as far as all of them came, with the standard deviation as a band.
  private func curve(
    _ quantity: (Epoch) -> Double?, of method: String, on kind: String
  ) -> LineChart.Series? {
    let own = courses.filter { $0.method == method && $0.kind == kind }.map(\.epochs)
    guard let shortest = own.map(\.count).min(), shortest > 0 else { return nil }
    let spreads = (0..<shortest).map { epoch in Spread(ofAll: own.map { quantity($0[epoch]) }) }
    return LineChart.Series(
      kind,
      points: spreads.enumerated().map { (x: Double($0 + 1), y: $1?.mean ?? .nan) },
      band: spreads.map { spread in
        guard let spread else { return (.nan, .nan) }
        let deviation = spread.deviation ?? 0
        return (low: spread.mean - deviation, high: spread.mean + deviation)
      })
  }
}

extension StudyCourse.Epoch {
  /// What a search reported after an epoch, with what `table` knows of its cell.
  package init(_ unit: any UnitReport, _ table: NASBench201Table?) throws {
    epoch = unit.unit
    (accuracy, skips) = (unit.accuracy, unit.skips)
    entropy = unit.curves.first(where: \.isEntropy)?.lines.first?.value
    benchmark =
      try table.map { table in
        let cell = try GenotypeInput(parsing: unit.genotype).genotype.cellOfBenchmark
        return cell.map { table.measurements(of: $0).mapValues(\.accuracy) } ?? [:]
      } ?? [:]
  }
}
