import Reports
import SearchSpaces
import TopologicalSimplification

/// An edge with its simplification, and how both are shown.
package struct SimplifiedEdge {
  package let edge: SearchedEdge
  package let after: MixedOperation
  package let steps: [RewriteStep]
  package let before: Cost
  private let weights: NestedWeights
  private let size: MapSize

  /// An edge whose costs are those of maps of `size`; the steps have theirs at the reference size.
  package init(_ edge: SearchedEdge, _ simplifier: Simplifier, size: MapSize = .reference) {
    self.edge = edge
    self.size = size
    after = simplifier.simplify(edge.operation)
    steps = simplifier.simplify(edge.operation.path).steps
    before = cost(of: edge.operation.path, at: size)
    weights = simplifier.weights
  }

  /// Where the paths before and after agree: where all steps are exact.
  package var exactness: Exactness { steps.map(\.exactness).max() ?? .everywhere }
  package var finalCost: Cost { cost(of: after.path, at: size) }

  // MARK: Text

  package var text: String {
    """
    \(edge.space.name), stride \(edge.stride): one edge, \(sizeText)

    \(table.text)

    before
    \(indented(beforeTree))

    after, exact \(exactness.rawValue)
    \(indented(afterTree))

    equations\(equations.isEmpty ? ": none, for nothing can be shared" : "\n\(equations)")
    """
  }

  package var beforeTree: String { names.tree(edge.operation.path) }
  package var afterTree: String { namesAfter.tree(after.path) }

  /// The size of the maps whose costs are given: `16 channels, 32 x 32`.
  var sizeText: String { "\(size.channels) channels, \(size.height) x \(size.width)" }

  private var names: WeightNames { WeightNames(edge.space.primitives) }
  /// Logits of their own come after the last step only.
  private var stepNames: WeightNames { weights == .derived ? namesAfter : names }
  private var namesAfter: WeightNames { WeightNames(edge.space.primitives, of: after) }

  private var table: TextTable {
    var table = TextTable(
      head: [
        "step", "rewrite", "ReLU", "DW", "PW", "conv", "BN", "pool", "modules", "MACs",
        "ratio modules", "ratio MACs", "exact",
      ], numeric: Set(2...11))
    table.rows.append(row("", "before", before, ""))
    for (index, step) in steps.enumerated() {
      table.rows.append(row("\(index + 1)", title(step), step.after, step.exactness.rawValue))
    }
    return table
  }

  private func row(_ step: String, _ title: String, _ cost: Cost, _ exact: String) -> [String] {
    let counts = [
      cost.relus, cost.depthwise, cost.pointwise, cost.dense, cost.batchNorms, cost.pools,
      cost.modules,
    ]
    return [step, title] + counts.map { "\($0)" } + [
      grouped(cost.macs), ratio(\.modules, cost), ratio(\.macs, cost), exact,
    ]
  }

  private func ratio(_ value: KeyPath<Cost, Int>, _ cost: Cost) -> String {
    decimals(Double(cost[keyPath: value]) / Double(before[keyPath: value]), 3)
  }

  /// For example `PMS suffix PW 1x1 BN {sep3, sep5}`.
  func title(_ step: RewriteStep) -> String {
    let operations = step.owners.map { $0.map(\.shortName).joined(separator: "+") }
    return "\(step.rule.name) \(step.subject) {\(operations.joined(separator: ", "))}"
  }

  private var equations: String {
    let numbered = steps.indices.map {
      "  step \($0 + 1): \(steps[$0].equations.map(\.id).joined(separator: ", "))"
    }
    return
      (numbered
      + allEquations.map {
        "  \($0.id)\(String(repeating: " ", count: 7 - $0.id.count))\($0.statement) "
          + "[\($0.provenance)]"
      }).joined(separator: "\n")
  }

  /// The equations of all steps, in the order in which they are first used.
  package var allEquations: [TopologicalSimplification.Equation] {
    steps.flatMap(\.equations).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func indented(_ text: String) -> String {
    text.split(separator: "\n").map { "  \($0)" }.joined(separator: "\n")
  }

  // MARK: Files

  /// Draws the edge before, after, both together, and after each step.
  package func draw(into folder: PictureFolder) throws(PictureFolderError) -> [String] {
    let (first, last) = (panelBefore, panelAfter)
    var files = [("before.svg", [first]), ("after.svg", [last])]
    files.append(("before-after.svg", [first, last]))
    for (index, step) in steps.enumerated() {
      let title = "step \(index + 1): \(title(step))"
      files.append(("step-\(index + 1).svg", [panel(title, step.path, step.after, stepNames)]))
    }
    var paths: [String] = []
    for (name, panels) in files { paths.append(try folder.write(PathSVG.text(panels), to: name)) }
    return paths
  }

  /// The edge as it was.
  package var panelBefore: PathSVG.Panel { panel("before", edge.operation.path, before, names) }
  /// The edge as it is executed.
  package var panelAfter: PathSVG.Panel { panel("after", after.path, finalCost, namesAfter) }

  /// Each step as a picture of what goes, above or beside one of what came.
  var rewritings: [String] {
    var (title, path, cost) = ("before step 1", edge.operation.path, before)
    return steps.enumerated().map { index, step in
      let old = panel(title, path, cost, stepNames)
      (title, path, cost) = ("after step \(index + 1)", step.path, step.after)
      let new = panel(title, path, cost, stepNames)
      return PathSVG.text([old.showingWhatGoes(in: new), new.showingWhatIsNew(since: old)])
    }
  }

  private func panel(
    _ title: String, _ path: Path, _ cost: Cost, _ names: WeightNames
  ) -> PathSVG.Panel {
    let space = "\(edge.space.name)\(edge.stride == 1 ? "" : ", stride \(edge.stride)")"
    return PathSVG.Panel(
      "\(space): \(title)",
      caption: "\(cost.modules) modules, \(grouped(cost.macs)) MACs (\(sizeText))", path, names)
  }

  /// Writes the edge before and after in the language of Graphviz.
  package func writeGraphs(into folder: PictureFolder) throws(PictureFolderError) -> [String] {
    let before = PathDOT.text(edge.operation.path, names, name: "before")
    let after = PathDOT.text(after.path, namesAfter, name: "after")
    return [
      try folder.write(before, to: "before.dot"), try folder.write(after, to: "after.dot"),
    ]
  }
}
