import Reports
import SearchSpaces
import TopologicalSimplification

/// What a simplification changes: the edge before and after, and the costs.
package struct ReportCost {
  private let plan: SearchPlan
  private let simplifier: Simplifier
  private let knownPeaks: SpaceCost.Pair<Int?>

  /// For a run on a plain space: what the usual simplification would change.
  package init(_ run: ReportedRun) {
    (plan, knownPeaks) = (run.plan, run.knownPeaks)
    simplifier = plan.simplifier ?? Simplifier()
  }

  /// One for each kind and size of space among the runs.
  package static func all(of runs: [ReportedRun]) -> [ReportCost] {
    runs.map(ReportCost.init).reduce(into: []) { costs, cost in
      if !costs.contains(where: { $0.title == cost.title }) { costs.append(cost) }
    }
  }

  /// For example `nasbench201, simplified: C = 8, N = 1, batch 32`.
  package var title: String {
    let words = ["simplified"] + Simplification(simplifier).words
    return
      "\(plan.space.rawValue), plain and \(words.joined(separator: " ")): \(plan.sizeText), batch \(plan.settings.batchSize), \(plan.method.name)\(plan.imageForm.remark)"
  }

  /// The table of costs.
  package func writeTable(_ html: inout HTMLWriter) {
    let cost = SpaceCost(
      plan.plainSpace, simplifier: simplifier, channels: plan.channels, cells: plan.cells,
      batch: plan.settings.batchSize, method: plan.searchMethod, images: plan.imageForm,
      known: knownPeaks)
    let edge = cost.parts[0].costs
    let counts: [(String, SpaceCost.Pair<Int>)] = [
      ("modules of an edge", edge.map(\.modules)),
      ("MACs of all edges, an image", cost.supernet.map(\.edges.macs)),
      ("MACs of the supernet, an image", cost.supernet.map(\.macs)),
      ("weights of the supernet", cost.supernet.map(\.parameters)),
      ("alphas", cost.supernet.map(\.logits)),
    ]
    let peaks = cost.peakBytes
    html.table(
      "Cost of \(title)", head: ["", "plain", "simplified", "ratio"], numeric: [1, 2, 3],
      rows: counts.map { name, pair in
        [name, grouped(pair.before), grouped(pair.after), cost.ratio(pair)]
      } + [
        [
          "peak of a step in tensors, predicted", cost.mebibytes(peaks.before),
          cost.mebibytes(peaks.after), cost.peakRatio ?? "",
        ]
      ])
  }

  /// What the names of the rewrites mean, and when they are exact.
  package static let words = [
    "PMS, partial module sharing: modules with which several operations begin or end run once, on the weighted sum of the "
      + "operations. FMS, floating module sharing: the first stage of an operation that has two takes part in it too. "
      + "REP, reparameterization: convolutions that stand side by side become one, whose kernel is the weighted sum of "
      + "theirs.",
    "\u{201C}Exact at one-hot weights\u{201D}: where one operation of the edge has all the weight, as in every derived "
      + "cell, the simplified edge computes what the plain one does; between these corners it computes another mixture.",
  ]

  /// The pictures of the edge.
  package func writeEdge(_ html: inout HTMLWriter) {
    let edge = SimplifiedEdge(
      SearchedEdge(plan.plainSpace), simplifier,
      size: MapSize(channels: plan.channels, height: 32, width: 32))
    html.widePicture(PathSVG.text([edge.panelBefore]), label: "An edge before the simplification")
    html.widePicture(PathSVG.text([edge.panelAfter]), label: "An edge after the simplification")
  }
}
