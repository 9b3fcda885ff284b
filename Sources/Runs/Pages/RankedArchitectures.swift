import Foundation
import Reports
import SearchMethods
import SearchSpaces

/// The architectures that a search has measured with several weight samples, as a part of its page.
package struct RankedArchitectures {
  /// All that were measured, the best first; ties go to the earlier.
  private let ranking: [ScoredArchitecture]
  private let samples: Int

  /// Reads the table of a run, as far as its units are done; nil if it has none, or no rows.
  package init?(_ folder: RunFolder, units: Int) throws {
    let file = "\(ScoredArchitecture.tableName).csv"
    // The last line of a search that is running may be half written.
    let lines = try folder.lines(of: file)
    guard !lines.isEmpty else { return nil }
    let measured: [ScoredArchitecture]
    do {
      measured = try ScoredArchitecture.table(lines.joined(separator: "\n")).filter {
        $0.unit <= units
      }
    } catch {
      throw RunHistoryError.badLine(
        file: "\(folder.path)/\(file)", line: error.line, expected: error.expected)
    }
    guard let first = measured.first else { return nil }
    samples = first.samples
    ranking = measured.indices.sorted {
      let (a, b) = (measured[$0].score, measured[$1].score)
      return a == b ? $0 < $1 : a > b
    }.map { measured[$0] }
  }

  /// How many are shown one by one.
  private static let shown = 10
  private var best: ArraySlice<ScoredArchitecture> { ranking.prefix(Self.shown) }
  /// The powers of two below the number of samples, and that number.
  private var counts: [Int] {
    sequence(first: 1) { 2 * $0 }.prefix { $0 < samples } + [samples]
  }

  /// The tables, score over cost, and a picture of each of the best.
  package func write(_ html: inout HTMLWriter) {
    html.element(
      "p",
      "\(grouped(ranking.count)) architectures were measured, each with \(counted(samples, "weight sample")). A score is "
        + "the mean accuracy with all of them, on images that trained no weights. What an architecture reaches when it is "
        + "trained alone is another matter.")
    html.widePicture(costChart, label: "Score over cost")
    writeBest(&html)
    if samples > 1 { writeAgreement(&html) }
    for (rank, architecture) in best.enumerated() { write(architecture, rank: rank + 1, &html) }
  }

  // MARK: The best

  private func writeBest(_ html: inout HTMLWriter) {
    let ranks = counts.dropLast().map { ($0, self.ranks(samples: $0)) }
    html.table(
      "The \(best.count) best, and where they stand if only the first of the weight samples count. Equal scores share "
        + "a rank.",
      head: ["rank", "score, %", "standard error, %", "M MACs", "M parameters", "epoch"]
        + ranks.map { "rank by \($0.0)" },
      numeric: Set(0...5 + ranks.count),
      rows: best.enumerated().map { index, architecture in
        [
          "\(index + 1)", decimals(100 * architecture.score, 2),
          samples > 1 ? decimals(100 * standardError(architecture.accuracies), 2) : "",
          decimals(Double(architecture.cost.macs) / 1e6, 2),
          decimals(Double(architecture.cost.parameters) / 1e6, 3), "\(architecture.unit)",
        ] + ranks.map { "\($0.1[index])" }
      })
  }

  /// The rank of each architecture by the first so many samples, in the order of the ranking; equal scores share a rank.
  private func ranks(samples: Int) -> [Int] {
    let scores = ranking.map { $0.score(samples: samples) }
    return scores.map { score in 1 + scores.count { $0 > score } }
  }

  private func write(
    _ architecture: ScoredArchitecture, rank: Int, _ html: inout HTMLWriter
  ) {
    let title =
      "Rank \(rank): score \(percent(architecture.score)), "
      + "\(decimals(Double(architecture.cost.macs) / 1e6, 2)) M MACs"
    html.details(title) { html in
      html.command(architecture.genotype)
      guard let genotype = try? GenotypeInput(parsing: architecture.genotype) else { return }
      html.widePicture(
        CellSVG("Rank \(rank)", caption: "", genotype.genotype).svg, label: "The architecture")
    }
  }

  // MARK: Samples

  /// How the ranking by fewer samples agrees with that by all, and what a sample more is worth.
  private func writeAgreement(_ html: inout HTMLWriter) {
    let all = ranking.map(\.score)
    let rows = counts.map { count -> [String] in
      let scores = ranking.map { $0.score(samples: count) }
      let first = ranking.indices.max { scores[$0] < scores[$1] } ?? 0
      return [
        "\(count)", decimals(rankCorrelation(scores, all), 3), "\(first + 1)",
        decimals(100 * meanError / Double(count).squareRoot(), 2),
      ]
    }
    html.table(
      "The ranking by the first of the weight samples: Kendall's tau with the ranking by all, the rank of its winner there, "
        + "and the standard error of a score if samples are independent.",
      head: ["samples", "tau", "its winner", "standard error, %"], numeric: Set(0...3), rows: rows)
  }

  /// The deviation of the accuracies of an architecture: the root of the mean of their variances.
  private var meanError: Double {
    let variances = ranking.map { architecture in
      let error = standardError(architecture.accuracies)
      return error * error * Double(samples)
    }
    return (variances.reduce(0, +) / Double(variances.count)).squareRoot()
  }

  private var costChart: String {
    func series(_ name: String, _ architectures: some Sequence<ScoredArchitecture>)
      -> LineChart.Series
    {
      LineChart.Series(
        name,
        points: architectures.map { (x: Double($0.cost.macs) / 1e6, y: 100 * $0.score) },
        marks: .scattered)
    }
    let others = ranking.dropFirst(Self.shown)
    return LineChart(
      "Score over cost", caption: "each mark is an architecture", x: "M MACs for one image",
      y: "score, %",
      series: [series("the \(best.count) best", best)]
        + (others.isEmpty ? [] : [series("all others", others)])
    ).svg
  }
}
