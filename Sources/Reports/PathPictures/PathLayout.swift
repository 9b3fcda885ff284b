import SearchSpaces

extension PathDrawing {
  /// Lays out `path`: a fold, which puts the drawings of the parts side by side or below each other.
  public init(_ path: Path, _ names: WeightNames) {
    let layout = PathLayout(names: names)
    let body = layout.fragment(path.flattened)
    let ends = [Kind.input, .output].map { layout.node($0, [$0.isInput ? "x" : "f(x)"]) }
    self = layout.joined([ends[0], body, ends[1]]).fromTopLeft()
  }

  /// The same drawing moved so that its upper side is at 0.
  private func fromTopLeft() -> PathDrawing {
    let top = frames.map(\.y).min() ?? 0
    var moved = moved(right: 0, down: -top)
    moved.height = (moved.frames.map(\.bottom).max() ?? 0)
    return moved
  }

  fileprivate func moved(right dx: Int, down dy: Int) -> PathDrawing {
    var copy = self
    for i in nodes.indices {
      copy.nodes[i].frame.x += dx
      copy.nodes[i].frame.y += dy
    }
    for i in edges.indices {
      copy.edges[i].label?.frame.x += dx
      copy.edges[i].label?.frame.y += dy
    }
    return copy
  }

  /// Adds the nodes and edges of another drawing, and tells where its nodes begin.
  fileprivate mutating func add(_ other: PathDrawing) -> Int {
    let start = nodes.count
    nodes += other.nodes
    edges += other.edges.map {
      Edge(source: $0.source + start, target: $0.target + start, label: $0.label)
    }
    return start
  }
}

/// The fold, in which each part is drawn around the height 0, at which its first node begins and its last one ends.
private struct PathLayout {
  let names: WeightNames

  /// Between the nodes of a chain.
  private let gap = 16
  /// Between the summands of a sum.
  private let rowGap = 12
  /// From a fork to the text on its branches, and from the longest branch to the sum.
  private let inset = 12

  func fragment(_ path: Path) -> PathDrawing {
    switch path {
    case .module(let module): node(.module(module), lines(of: module))
    case .chain(let steps): joined(steps.map(fragment))
    case .choice(let branches): sum(branches)
    }
  }

  /// One node around the height 0.
  func node(_ kind: PathDrawing.Kind, _ lines: [String]) -> PathDrawing {
    let (width, height): (Int, Int)
    switch kind {
    case .fork: (width, height) = (6, 6)
    case .sum: (width, height) = (20, 20)
    case .module where kind.isWire: (width, height) = (TextMetrics.width(of: lines) + 8, 30)
    case .module, .input, .output:
      width = TextMetrics.width(of: lines) + 18
      height = lines.count * TextMetrics.lineHeight + 12
    }
    var drawing = PathDrawing()
    let frame = PathDrawing.Frame(x: 0, y: -height / 2, width: width, height: height)
    drawing.nodes = [PathDrawing.Node(kind: kind, lines: lines, frame: frame)]
    drawing.width = width
    return drawing
  }

  /// Parts one after the other.
  func joined(_ parts: [PathDrawing]) -> PathDrawing {
    var chain = PathDrawing()
    for part in parts {
      let last = chain.nodes.count - 1
      let first = chain.add(part.moved(right: chain.width + (last >= 0 ? gap : 0), down: 0))
      if last >= 0 { chain.edges.append(PathDrawing.Edge(source: last, target: first)) }
      chain.width += part.width + (last >= 0 ? gap : 0)
    }
    return chain
  }

  /// Summands below each other, between a fork and a sum.
  private func sum(_ branches: [Branch]) -> PathDrawing {
    let labels = branches.map { names($0.weight) ?? "" }
    let labelWidth = TextMetrics.width(of: labels)
    let rows = branches.map { fragment($0.path) }
    let start = 6 + inset + labelWidth + inset
    var sum = node(.fork, [])
    var ends: [Int] = []
    for (index, (row, middle)) in zip(rows, middles(of: rows)).enumerated() {
      let first = sum.add(row.moved(right: start, down: middle))
      let frame = PathDrawing.Frame(
        x: 6 + inset, y: middle - 2 - TextMetrics.lineHeight,
        width: TextMetrics.width(of: [labels[index]]), height: TextMetrics.lineHeight)
      let label =
        labels[index].isEmpty ? nil : PathDrawing.Label(text: labels[index], frame: frame)
      sum.edges.append(PathDrawing.Edge(source: 0, target: first, label: label))
      ends.append(sum.nodes.count - 1)
    }
    sum.width = start + (rows.map(\.width).max() ?? 0) + gap
    let plus = sum.add(node(.sum, ["+"]).moved(right: sum.width, down: 0))
    sum.edges += ends.map { PathDrawing.Edge(source: $0, target: plus) }
    sum.width += 20
    return sum
  }

  /// The heights at which the rows of a sum are drawn; the sum itself is at 0.
  private func middles(of rows: [PathDrawing]) -> [Int] {
    var (middles, bottom) = ([Int](), 0)
    for row in rows {
      let frames = row.frames
      // The text on the branch needs room above the line.
      let top = min(-2 - TextMetrics.lineHeight, frames.map(\.y).min() ?? 0)
      let middle = bottom - top + (middles.isEmpty ? 0 : rowGap)
      bottom = middle + max(4, frames.map(\.bottom).max() ?? 0)
      middles.append(middle)
    }
    // A row that is almost straight ahead is put there.
    let center = bottom / 2
    let nearest = middles.min { abs($0 - center) < abs($1 - center) } ?? center
    let straight = abs(nearest - center) < 18 ? nearest : center
    return middles.map { $0 - straight }
  }

  /// The text of a module's box: type and kernel, geometry, the parts of a merged kernel.
  private func lines(of module: ModuleSpec) -> [String] {
    var words = module.signature.split(separator: " ").map(String.init)
    var extras: [String] = []
    for keyword in ["stride", "dilation"] {
      guard let place = words.firstIndex(of: keyword), place + 1 < words.count else { continue }
      extras.append("\(keyword) \(words[place + 1])")
      words.removeSubrange(place...place + 1)
    }
    let parts = names.mergedParts(module)
    let pairs = stride(from: 0, to: parts.count, by: 2).map { index in
      (index == 0 ? "" : "+ ") + parts[index..<min(index + 2, parts.count)].joined(separator: " + ")
    }
    return [words.joined(separator: " ")] + extras + pairs
  }
}

extension PathDrawing.Kind {
  fileprivate var isInput: Bool { if case .input = self { true } else { false } }

  /// Whether it is drawn as a line, not as a box: identity and zero.
  var isWire: Bool { module.map { !$0.isExecuted } ?? false }
}
