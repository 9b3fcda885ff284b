import Reports
import SearchSpaces
import TopologicalSimplification

/// The simplification of an edge as a page of HTML on which a reader goes from step to step.
package struct SimplificationPage {
  private let result: SimplifiedEdge

  /// A page on a simplification.
  package init(_ result: SimplifiedEdge) { self.result = result }

  /// The page; equal simplifications give equal pages.
  package var html: String {
    let stations = stations
    return HTMLPage.document(
      title: "\(title), simplified", style: HTMLSteps.style(count: stations.count)
    ) { html in
      writeHeader(&html)
      html.steps("Steps of the simplification", stations)
      html.section("What the badges say") { html in
        html.facts(Exactness.allCases.map { ($0.badge, Self.meaning(of: $0)) })
      }
    }
  }

  private var title: String {
    "\(result.edge.space.name), stride \(result.edge.stride): one edge"
  }

  private func writeHeader(_ html: inout HTMLWriter) {
    let (before, after) = (result.before, result.finalCost)
    html.element("header") { header in
      header.element("p", ["class": "above"], "Topological simplification")
      header.element("h1", title)
      header.element(
        "p",
        result.steps.isEmpty
          ? "No rule applies: the edge stays as it is."
          : """
          \(counted(result.steps.count, "step")) from \(counted(before.modules, "module")) and \
          \(grouped(before.macs)) multiply-accumulates (MACs) to \(grouped(after.modules)) and \
          \(grouped(after.macs)), for \(result.sizeText).
          """)
    }
  }

  // MARK: Steps

  private typealias Station = (button: String, content: (inout HTMLWriter) -> Void)

  private var stations: [Station] {
    let pictures = result.rewritings
    let steps = result.steps.indices.map { index -> Station in
      ("\(index + 1) \(result.steps[index].rule.name)", { write(index, pictures[index], &$0) })
    }
    let first: Station = ("before", { writeEnd(result.panelBefore, result.beforeTree, &$0) })
    let last: Station = ("after", { writeEnd(result.panelAfter, result.afterTree, &$0) })
    return steps.isEmpty ? [first] : [first] + steps + [last]
  }

  private func writeEnd(_ panel: PathSVG.Panel, _ tree: String, _ html: inout HTMLWriter) {
    html.element("h2", panel.title)
    html.widePicture(PathSVG.text([panel]), label: panel.title)
    html.details("The same as a tree") { $0.element("pre", tree) }
  }

  private func write(_ index: Int, _ picture: String, _ html: inout HTMLWriter) {
    let step = result.steps[index]
    html.element("h2", "\(index + 1). \(result.title(step))")
    html.element("p") { html in
      html.element(
        "span", ["class": "badge \(Self.shade(of: step.exactness))"], step.exactness.badge)
      html.text(" \(step.rule.name): \(step.rule.statement).")
    }
    html.widePicture(picture, label: "Step \(index + 1), before and after")
    writeCosts(step, &html)
    if step.equations.isEmpty { return }
    html.facts(step.equations.map { ($0.id, "\($0.statement) [\($0.provenance)]") })
  }

  private func writeCosts(_ step: RewriteStep, _ html: inout HTMLWriter) {
    func row(_ name: String, _ cost: Cost) -> [String] {
      let counts = [
        cost.relus, cost.depthwise, cost.pointwise, cost.dense, cost.batchNorms, cost.pools,
        cost.modules, cost.macs,
      ]
      return [name] + counts.map { grouped($0) }
    }
    html.table(
      "What the whole edge costs",
      head: ["", "ReLU", "DW", "PW", "conv", "BN", "pool", "modules", "MACs"],
      numeric: Set(1...8), rows: [row("before", step.before), row("after", step.after)])
  }

  // MARK: Badges

  private static func meaning(of exactness: Exactness) -> String {
    switch exactness {
    case .everywhere: "Before and after compute the same, for all weights and inputs."
    case .atOneHotWeights:
      """
      They compute the same where one operation has all the weight: at the corners of the simplex, which are the \
      discrete architectures. Between corners the edge is another function of alpha.
      """
    case .atOneHotWeightsUpToScale:
      "They do so at corners, if the kernels of the plain edge are normalized there too."
    }
  }

  private static func shade(of exactness: Exactness) -> String {
    switch exactness {
    case .everywhere: "filled"
    case .atOneHotWeights: "outlined"
    case .atOneHotWeightsUpToScale: "dashed"
    }
  }
}
