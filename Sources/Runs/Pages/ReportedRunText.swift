import Reports
import SearchSpaces

extension ReportedRun {
  /// The result, in names and values.
  package func writeResult(_ html: inout HTMLWriter) {
    guard let last = units.last, let genotype else {
      return html.facts([("state", state.rawValue), ("epochs", progress)])
    }
    html.facts([
      ("state", "\(state.rawValue), \(progress)"), ("derived cell", last.genotype),
      (
        "supernet",
        last.accuracy.map {
          "validation accuracy \(percent($0)), which is not that of the derived cell"
        } ?? "not trained"
      ),
      ("derived network", size(genotype)),
      ("time", "\(duration(seconds)), \(decimals(1e3 * secondsPerStep, 1)) ms per step (median)"),
      ("memory", "\(peak)"),
    ])
  }

  /// The derived cells as a picture.
  package func writeCells(_ html: inout HTMLWriter) {
    guard let genotype else { return html.element("p", "No epoch is done.") }
    let svg = CellSVG(name, caption: size(genotype), genotype.genotype).svg
    html.widePicture(svg, label: "The derived cell of \(name)")
  }

  /// What the derived cells cost in the network that is trained from scratch.
  private func size(_ genotype: GenotypeInput) -> String {
    let images = plan.imageForm
    let (size, network) = (
      genotype.genotype.size(for: images), genotype.genotype.network(for: images)
    )
    return
      "\(decimals(Double(size.macs) / 1e6, 2)) M MACs, \(decimals(Double(size.parameters) / 1e6, 3)) M parameters as \(network)"
  }

  /// How alpha went: a map for each kind of cell.
  package func writeAlphas(_ html: inout HTMLWriter) {
    guard let maps = alphaMaps else { return html.element("p", "There are no alphas to show.") }
    html.element(
      "p",
      "Each panel is an edge of the cell, from the node of its column to that of its row; each line is an "
        + "operation, and time goes to the right. The stronger the colour, the larger the weight.")
    for map in maps {
      html.widePicture(map.svg, label: "Weights of the operations over the epochs")
    }
  }

  private var alphaMaps: [AlphaMap]? {
    guard let alphas, let genotype else { return nil }
    let space = plan.plainSpace
    let choices = genotype.choices(in: space)
    return space.cells.enumerated().map { kind, cell in
      let panels = space.edges.enumerated().map { index, edge in
        let values = space.primitives.indices.map { candidate in
          alphas.weights.map { $0[kind][index][candidate] }
        }
        return AlphaMap.Panel(
          "\(edge.source) \u{2192} \(edge.target)", column: edge.source,
          row: edge.target - space.inputCount, values: values, chosen: choices[kind][index])
      }
      return AlphaMap(
        space.cells.count == 1
          ? "Weights of the operations" : "Weights of the operations, \(cell.title)",
        caption: "", rows: space.primitives.map(\.rawValue),
        epochs: Array(1...alphas.weights.count),
        panels: panels)
    }
  }

  /// The tables of the search, a map for each kind of cells, and what happened.
  package func writeTables(_ html: inout HTMLWriter) {
    let space = plan.plainSpace
    for table in tables {
      html.element("h3", table.name.capitalized)
      for map in table.maps(of: space) {
        html.widePicture(map.svg, label: "\(table.name.capitalized) over the epochs")
      }
    }
  }

  /// What the search told of its units in words.
  package func writeNotes(_ html: inout HTMLWriter) {
    let rows = units.flatMap { unit in unit.notes.map { ["\(unit.unit)", $0] } }
    guard !rows.isEmpty else { return }
    html.details("What happened when") { html in
      html.table("Events of \(name)", head: ["epoch", "event"], numeric: [0], rows: rows)
    }
  }

  /// All numbers: of every epoch, of every edge, and all settings.
  package func writeDetails(_ html: inout HTMLWriter) {
    html.details("Every epoch") { writeEpochs(&$0) }
    if alphas != nil {
      html.details("Weights of the operations after the last epoch") { writeWeights(&$0) }
    }
    html.details("All settings") { html in
      let leaves = plan.leaves.sorted { $0.key < $1.key }.map { [$0.key, $0.value] }
      html.table(
        "Settings of \(name)", head: ["setting", "value"], numeric: [],
        rows: leaves + [["version", plan.version], ["build", plan.build]])
    }
  }

  private func writeEpochs(_ html: inout HTMLWriter) {
    guard let last = units.last else { return html.element("p", "No epoch is done.") }
    let titles = last.columns.map(\.title)
    html.table(
      "Epochs of \(name); losses and accuracies of the supernet",
      head: ["epoch"] + titles + ["ms per step"], numeric: Set(0...titles.count + 1),
      rows: units.map { unit in
        ["\(unit.unit)"] + unit.columns.map(\.text) + [decimals(1e3 * unit.secondsPerStep, 1)]
      })
  }

  private func writeWeights(_ html: inout HTMLWriter) {
    guard let last = alphas?.weights.last else { return }
    let space = plan.plainSpace
    for (cell, edges) in zip(space.cells, last) {
      html.table(
        "\(space.cells.count == 1 ? "Cell" : "The \(cell.title)") of \(name)",
        head: ["edge"] + space.primitives.map(\.rawValue), numeric: Set(1...space.primitives.count),
        rows: zip(space.edges, edges).map { edge, weights in
          ["\(edge.source) \u{2192} \(edge.target)"] + weights.map { decimals($0, 4) }
        })
    }
  }
}
