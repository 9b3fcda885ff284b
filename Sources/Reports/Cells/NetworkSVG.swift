import SearchSpaces

/// A picture of a network: its layers from left to right, neighbours that are alike in one box.
public struct NetworkSVG: Sendable {
  /// Layers that are alike.
  private struct Box {
    let layer: NetworkPlan.Layer
    var count = 1
    let lines: [String]
    let entry: Palette.Entry
  }

  private let title: String
  private let caption: String
  private let boxes: [Box]

  /// A picture of the network of `plan`, whose cells are those of `space`.
  public init(_ title: String, caption: String, _ plan: NetworkPlan, of space: SearchSpace) {
    (self.title, self.caption) = (title, caption)
    boxes = plan.layers.reduce(into: []) { boxes, layer in
      if let last = boxes.last, last.layer.kind == layer.kind, last.layer.output == layer.output {
        boxes[boxes.count - 1].count += 1
      } else {
        boxes.append(
          Box(
            layer: layer, lines: Self.lines(of: layer, space), entry: Self.entry(of: layer)))
      }
    }
  }

  /// The name of a layer and the size of its map.
  private static func lines(of layer: NetworkPlan.Layer, _ space: SearchSpace) -> [String] {
    let output = layer.output
    let map = ["\(output.channels) channels", "\(output.height) x \(output.width)"]
    switch layer.kind {
    case .stem: return ["stem"] + map
    case .cell(let kind):
      return [space.cells[kind].title] + map
    case .residualBlock: return ["residual block"] + map
    case .normalization: return ["BN, ReLU"] + map
    case .auxiliaryHead: return ["auxiliary head", "\(output.channels) classes", "in training"]
    case .classifier: return ["classifier", "\(output.channels) classes"]
    }
  }

  /// Cells stand out, and of these the ones that halve the image.
  private static func entry(of layer: NetworkPlan.Layer) -> Palette.Entry {
    switch layer.kind {
    case .cell: Palette.operations[layer.isReduction ? 2 : 1]
    case .residualBlock: Palette.operations[2]
    case .stem, .normalization: Palette.operations[4]
    case .auxiliaryHead, .classifier: Palette.none
    }
  }

  // MARK: Drawing

  /// The picture.
  public var svg: String {
    var svg = SVGWriter()
    svg.heading(title, caption, x: margin, y: margin + 14)
    let top = margin + 60
    var x = margin
    for (index, box) in boxes.enumerated() {
      let lines = text(of: box)
      let frame = PathDrawing.Frame(
        x: x, y: top, width: TextMetrics.width(of: lines) + 20, height: boxHeight)
      svg.rectangle(frame, fill: box.entry.fill, stroke: box.entry.stroke, radius: 6)
      for (line, words) in lines.enumerated() {
        svg.text(
          words, x: frame.x + frame.width / 2, y: top + 20 + line * TextMetrics.lineHeight,
          anchor: "middle", fill: line == 0 ? Palette.ink : Palette.dim)
      }
      x = frame.right + gap
      // An auxiliary head gives its scores away; the next layer reads what it reads.
      if index + 1 < boxes.count {
        let dashes = box.layer.kind == .auxiliaryHead ? "3 3" : nil
        svg.line("M\(frame.right) \(frame.middle)H\(x)", stroke: Palette.wire, dashes: dashes)
        svg.shape("M\(x) \(frame.middle)l-7 -3.5v7z", fill: Palette.wire)
      }
    }
    let heading = [
      TextMetrics.width(of: [title], size: 15) * 11 / 10, TextMetrics.width(of: [caption]),
    ]
    return svg.document(
      width: max(x - gap, margin + (heading.max() ?? 0)) + margin, height: top + boxHeight + margin,
      title: title, caption: caption,
      description: boxes.map { text(of: $0).joined(separator: ", ") }.joined(separator: "; "))
  }

  private func text(of box: Box) -> [String] {
    box.count == 1 ? box.lines : ["\(box.count) x \(box.lines[0])"] + box.lines.dropFirst()
  }
}

private let margin = 24
private let gap = 26
private let boxHeight = 62
