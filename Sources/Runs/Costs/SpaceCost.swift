import Reports
import SearchMethods
import SearchSpaces
import Settings
import TopologicalSimplification

/// What a search space costs before and after its simplification.
package struct SpaceCost {
  /// Something of which there is one before and one after.
  package struct Pair<Value> {
    package let before: Value
    package let after: Value

    package func map<Result>(_ transform: (Value) -> Result) -> Pair<Result> {
      Pair<Result>(before: transform(before), after: transform(after))
    }
  }

  package let space: String
  package let channels: Int
  package let cells: Int
  package let batch: Int
  package let images: ImageForm
  /// Edges, cells, and all edges of the supernet.
  package let parts: [(name: String, costs: Pair<Cost>)]
  package let supernet: Pair<SupernetCost>
  /// Bytes of tensors at the peak of a search step, predicted; a lower bound where that is more than this machine has.
  package let peakBytes: Pair<Int>

  /// How many cells of each kind there are, where a derived edge may keep any number of operations; else none.
  package private(set) var cellCounts: [ExactCount] = []
  /// How many networks there are then; nil where that is not counted.
  package var architectureCount: ExactCount? {
    counts?.total
      ?? (cellCounts.isEmpty ? nil : cellCounts.reduce(ExactCount(1), *))
  }
  /// Multiply-accumulates of all operations, and of all that is not searched, before the simplification.
  package var searchedMacs: (edges: Int, rest: Int) {
    (supernet.before.edges.macs, supernet.before.macs - supernet.before.edges.macs)
  }

  /// What the space itself counts; nil where that is nothing.
  package private(set) var counts: ArchitectureCounts?

  /// The cost of what was chosen: space, preset of a search, simplification, channels, cells, batch, classes.
  package init(_ chosen: SettingValues) throws {
    let entry = chosen["space"]?.word.flatMap(SpaceEntry.named) ?? SpaceEntry.all[0]
    let preset = entry.searchSize(chosen["preset"].flatMap(SizePreset.init) ?? .paper)
    let published = preset.network
    let cells = chosen["cells"]?.integer ?? published.cells
    guard cells >= entry.leastSearchedCells else {
      throw SearchPlanError.tooFewCells(cells, SearchedSpace(entry))
    }
    let size = NetworkSize(
      channels: chosen["channels"]?.integer ?? published.channels, cells: cells)
    let own = try SpaceOptions.values(chosen, of: SearchedSpace(entry))
    let space = entry.space(of: size, preset.spaceValues.merging(own))
    self.init(
      space, simplifier: try Simplification(chosen).simplifier, channels: size.channels,
      cells: cells,
      batch: chosen["batch"]?.integer ?? 64,
      images: ImageForm(
        classes: chosen["classes"]?.integer ?? 10, extent: ImageForm.usual.extent))
    if entry.keepsAnyCandidates { cellCounts = space.gatedCellCounts }
    counts = entry.counts(space)
  }

  /// The cost of a supernet of `plain` cells, and of the same with simplified ones, as `method` searches them.
  ///
  /// Peaks of memory that are `known` are not measured again.
  package init(
    _ plain: SearchSpace, simplifier: Simplifier, channels: Int, cells: Int, batch: Int,
    method: any SearchAlgorithm = DARTS(), images: ImageForm = .usual,
    known: Pair<Int?> = Pair(before: nil, after: nil)
  ) {
    self.images = images
    let (classes, extent) = (images.classes, images.extent)
    let spaces = Pair(before: plain, after: simplifier.simplify(plain))
    let searched = spaces.map { method.prepare($0) }
    let supernet = searched.map {
      supernetCost(
        of: $0, channels: channels, cells: cells, classes: classes, imageExtent: extent)
    }
    (space, self.channels, self.cells, self.batch) = (plain.name, channels, cells, batch)
    self.supernet = supernet
    let size = SupernetSize(channels: channels, cells: cells, batch: batch, images: images)
    peakBytes = Pair(
      before: known.before ?? size.peakBytes(of: spaces.before, method),
      after: known.after ?? size.peakBytes(of: spaces.after, method))
    let map = MapSize(channels: channels, height: extent, width: extent)
    let kinds = plain.differentKinds
    let strides = kinds.map { kind in
      let stride = plain.cells[kind].isReduction ? 2 : 1
      let name = kinds.count == 1 ? "edge" : "edge, stride \(stride)"
      return (name, spaces.map { cost(of: $0.cells[kind].operations[0].path, at: map) })
    }
    let cellCosts = kinds.map { kind in
      (plain.kindTitle(kind), searched.map { cellCost(of: $0, kind: kind, at: map) })
    }
    parts = strides + cellCosts + [("all edges", supernet.map(\.edges))]
  }

  // MARK: Text

  package var text: String {
    """
    \(space): cost for one image; edges and cells with \(channels) channels at \(images.extent) x \(images.extent), \
    the supernet with \(SpaceEntry.named(space)?.countText(cells) ?? "\(cells) cells")\(images.classes == 10 ? "" : " and \(images.classes) classes")

    \(table.text)

    FLOPs are 2 x MACs. The supernet is all edges and what is not searched; its activations are those of edges.
    predicted peak memory of a search step, batch \(batch): \(mebibytes(peakBytes.before)) before, \
    \(mebibytes(peakBytes.after)) after\(peakRatio.map { ", ratio \($0)" } ?? "")
    (what tensors hold, measured on 11 images; the process adds the program, the images and freed buffers)\
    \(architectures.map { "\n\($0)" } ?? "")
    """
  }

  /// What is gated and what is not, and in how many ways.
  private var architectures: String? {
    guard let count = architectureCount else { return nil }
    if let counts { return "\n\(counts.text)" }
    let (gated, rest) = searchedMacs
    return """

      MACs that gates can spare: \(grouped(gated)); all others: \(grouped(rest)), \(grouped(images.classes)) of them biases
      architectures: \(cellCounts[0]) a cell, in all \(cellCounts.count) cells
      \(count)
      """
  }

  private var table: TextTable {
    var table = TextTable(
      head: [
        "part", "", "ReLU", "DW", "PW", "conv", "BN", "pool", "modules", "MACs", "parameters",
        "executed weights", "activation bytes",
      ], numeric: Set(2...12))
    for (name, costs) in parts {
      table.rows += [row(name, "before", costs.before), row("", "after", costs.after)]
      let keys: [KeyPath<Cost, Int>] = [
        \.modules, \.macs, \.trainableWeights, \.executedWeights, \.activationBytes,
      ]
      table.rows.append(
        ["", "ratio"] + blanks(6) + keys.map { key in ratio(costs.map { $0[keyPath: key] }) })
    }
    table.rows += [
      row("supernet", "before", supernet.before), row("", "after", supernet.after),
      ["", "ratio"] + blanks(7)
        + [ratio(supernet.map(\.macs)), ratio(supernet.map(\.parameters))] + blanks(2),
    ]
    return table
  }

  private func row(_ name: String, _ when: String, _ cost: Cost) -> [String] {
    let counts = [
      cost.relus, cost.depthwise, cost.pointwise, cost.dense, cost.batchNorms, cost.pools,
      cost.modules, cost.macs, cost.trainableWeights, cost.executedWeights, cost.activationBytes,
    ]
    return [name, when] + counts.map(grouped)
  }

  private func row(_ name: String, _ when: String, _ cost: SupernetCost) -> [String] {
    [name, when] + blanks(7) + [grouped(cost.macs), grouped(cost.parameters)] + blanks(2)
  }

  private func blanks(_ count: Int) -> [String] { Array(repeating: "", count: count) }

  /// After over before.
  package func ratio(_ pair: Pair<Int>) -> String {
    decimals(Double(pair.after) / Double(max(1, pair.before)), 3)
  }

  /// The ratio of the peaks, if both were measured.
  package var peakRatio: String? {
    max(peakBytes.before, peakBytes.after) <= MemoryDemand.available ? ratio(peakBytes) : nil
  }

  /// Bytes as `1951.8 MiB`, or as a lower bound where they were not measured.
  package func mebibytes(_ bytes: Int) -> String {
    (bytes <= MemoryDemand.available ? "" : "more than ")
      + "\(decimals(Double(bytes) / 0x1p20, 1)) MiB"
  }
}

extension ArchitectureCounts {
  /// The total in words, and a table of what else was counted.
  fileprivate var text: String {
    var table = TextTable(head: [things, parts.one, parts.all], numeric: [1, 2])
    table.rows = rows.map { [$0.name, "\($0.ofPart)", "\($0.ofAll)"] }
    return "\(words)\n\n\(table.text)"
  }
}

extension SearchSpace {
  /// A kind of cells that keep the size of the image and one that halves it, where there are both.
  ///
  /// In a space in which every cell is a kind of its own the others differ from them in nothing but their weights.
  fileprivate var differentKinds: [Int] {
    [false, true].compactMap { isReduction in
      cells.firstIndex { $0.isReduction == isReduction }
    }
  }

  /// What the cells of such a kind are called.
  fileprivate func kindTitle(_ kind: Int) -> String {
    guard cells.count > differentKinds.count else { return cells[kind].title }
    return cells[kind].isReduction ? "reduction cell" : "normal cell"
  }
}
