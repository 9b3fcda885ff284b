import Reports
import SearchSpaces
import TopologicalSimplification

/// What a simplification changes: the edge before and after, and the costs.
struct ReportCost {
  private let plan: SearchPlan
  private let simplifier: Simplifier

  /// For a run on a plain space: what the usual simplification would change.
  init(_ plan: SearchPlan) {
    self.plan = plan
    simplifier = plan.simplifier ?? Simplifier()
  }

  /// One for each kind and size of space among the plans.
  static func all(of plans: [SearchPlan]) -> [ReportCost] {
    plans.map(ReportCost.init).reduce(into: []) { costs, cost in
      if !costs.contains(where: { $0.title == cost.title }) { costs.append(cost) }
    }
  }

  /// For example `nasbench201, simplified: C = 8, N = 1, batch 32`.
  var title: String {
    let words = ["simplified"] + SimplifierOptions.words(simplifier)
    return
      "\(plan.space.rawValue), plain and \(words.joined(separator: " ")): \(plan.sizeText), batch \(plan.settings.batchSize)"
  }

  /// The table of costs.
  func writeTable(_ html: inout HTMLWriter) {
    let cost = SpaceCost(
      plan.space.space, simplifier: simplifier, channels: plan.channels, cells: plan.cells,
      batch: plan.settings.batchSize)
    let edge = cost.parts[0].costs
    let rows: [(String, SpaceCost.Pair<Int>, (Int) -> String)] = [
      ("modules of an edge", edge.map(\.modules), grouped),
      ("MACs of all edges, an image", cost.supernet.map(\.edges.macs), grouped),
      ("MACs of the supernet, an image", cost.supernet.map(\.macs), grouped),
      ("weights of the supernet", cost.supernet.map(\.parameters), grouped),
      ("alphas", cost.supernet.map(\.logits), grouped),
      (
        "peak of a step in tensors, predicted", cost.peakBytes,
        { "\(decimals(Double($0) / 0x1p20, 1)) MiB" }
      ),
    ]
    html.table(
      "Cost of \(title)", head: ["", "plain", "simplified", "ratio"], numeric: [1, 2, 3],
      rows: rows.map { name, pair, text in
        let ratio = Double(pair.after) / Double(max(1, pair.before))
        return [name, text(pair.before), text(pair.after), decimals(ratio, 3)]
      })
  }

  /// The pictures of the edge.
  func writeEdge(_ html: inout HTMLWriter) {
    let edge = SimplifiedEdge(
      SearchedEdge(plan.space.space), simplifier,
      size: MapSize(channels: plan.channels, height: 32, width: 32))
    html.widePicture(PathSVG.text([edge.panelBefore]), label: "An edge before the simplification")
    html.widePicture(PathSVG.text([edge.panelAfter]), label: "An edge after the simplification")
  }
}
