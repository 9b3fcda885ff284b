import Foundation
import SearchSpaces
import Testing

@testable import Reports

@Suite("Drawings of cells")
struct CellDrawingTests {
  /// Genotypes of every shape, and some drawn by lot.
  private static let nasBenchCells: [NASBench201Genotype] =
    SearchSpace.nasBench201.primitives.map { primitive in
      NASBench201Genotype(Array(repeating: primitive, count: 6))
    }
    + stride(from: 7, to: NASBench201Genotype.count, by: 521).map(
      NASBench201Genotype.init(ordinal:))

  /// A cell of DARTS whose every node takes its inputs from `first` and `second` of the nodes before it.
  private static func cell(
    _ operation: Primitive, _ sources: (Int) -> [Int], concatenated: [Int] = [2, 3, 4, 5]
  ) -> DARTSGenotype.Cell {
    let connections = (2...5).flatMap { node in
      sources(node).map { DARTSGenotype.Connection(operation, from: $0) }
    }
    return DARTSGenotype.Cell(connections, concatenated: concatenated)
  }

  private static let dartsCells: [DARTSGenotype.Cell] =
    [.dartsV1, .dartsV2].flatMap { (genotype: DARTSGenotype) in
      [genotype.normal, genotype.reduction]
    } + [
      cell(.skipConnect) { _ in [0, 1] }, cell(.sepConv5x5) { [$0 - 1, $0 - 2] },
      cell(.none) { _ in [0, 0] }, cell(.dilConv5x5) { _ in [1, 1] },
      cell(.maxPool3x3) { [max(0, $0 - 3), $0 - 1] },
      cell(.avgPool3x3, { [0, $0 / 2] }, concatenated: [4, 2]),
    ]

  /// Cells with two operations on every edge, on every third, and with one a node.
  private static let goldCells = GOLDNASGenotype(
    [1, 3, 7].map { step in
      let all = (2...5).flatMap { node in
        (0..<node).flatMap { source in
          [Primitive.skipConnect, .sepConv3x3].map {
            GOLDNASGenotype.Connection($0, from: source, to: node)
          }
        }
      }
      return stride(from: 0, to: all.count, by: step).map { all[$0] }
    })

  private static let graphs =
    nasBenchCells.flatMap(\.cells)
    + dartsCells.map { $0.graph(kind: 0) } + goldCells.cells

  @Test func `nothing in the drawing of a cell overlaps or is cut off`() {
    for graph in Self.graphs {
      let drawing = CellDrawing(graph)
      expectNoOverlap(drawing.frames, width: drawing.width, height: drawing.height)
    }
  }

  /// Points of a route, by the same curves as the picture has.
  private func points(_ route: CellDrawing.Route) -> [(x: Double, y: Double)] {
    func bend(_ a: (x: Int, y: Int), _ b: (x: Int, y: Int)) -> [(x: Double, y: Double)] {
      (0...40).map { step in
        let t = Double(step) / 40, s = 1 - t
        let middle = Double(a.x + b.x) / 2
        return (
          s * s * s * Double(a.x) + 3 * s * t * middle + t * t * t * Double(b.x),
          s * s * (s + 3 * t) * Double(a.y) + t * t * (t + 3 * s) * Double(b.y)
        )
      }
    }
    let straight = stride(from: route.straightFrom, through: route.straightTo, by: 3)
    return bend(route.start, (route.straightFrom, route.lane))
      + straight.map { (Double($0), Double(route.lane)) }
      + bend((route.straightTo, route.lane), route.end)
  }

  @Test func `no line of a cell runs through the text of another or through a node`() {
    for graph in Self.graphs {
      let drawing = CellDrawing(graph)
      for (index, edge) in drawing.edges.enumerated() {
        let others = drawing.edges.enumerated().filter { $0.offset != index }
          .compactMap(\.element.label?.frame)
        let obstacles = others + drawing.nodes.map(\.frame)
        for point in points(edge.route) {
          let crossed = obstacles.filter { frame in
            Double(frame.x) < point.x && point.x < Double(frame.right)
              && Double(frame.y) < point.y && point.y < Double(frame.bottom)
          }
          #expect(crossed.isEmpty, "edge \(index) of \(graph.formulas) at \(point)")
        }
      }
    }
  }

  @Test func `edges lead from left to right, from box to box`() {
    for graph in Self.graphs {
      let drawing = CellDrawing(graph)
      for (edge, drawn) in zip(graph.edges, drawing.edges) {
        let (source, target) = (drawing.nodes[edge.source].frame, drawing.nodes[edge.target].frame)
        let route = drawn.route
        #expect(route.start.x == source.right && route.end.x == target.x)
        #expect(route.start.y == source.middle)
        #expect(target.y < route.end.y && route.end.y < target.bottom)
        #expect(route.start.x < route.straightFrom && route.straightTo < route.end.x)
        #expect(route.straightFrom <= route.straightTo)
      }
    }
  }

  @Test func `the picture of a genotype is well-formed, and says in words what it shows`() throws {
    let svg = CellSVG("a < b", caption: "1 & 2", DARTSGenotype.dartsV2).svg
    let reader = try #require(SVGReader(svg))
    #expect(reader.titles == ["a < b: 1 & 2"])
    let graphs = DARTSGenotype.dartsV2.cells
    let description = try #require(reader.contents["desc"]?.first)
    for formula in graphs.flatMap(\.formulas) { #expect(description.contains(formula)) }
    let operations = graphs.flatMap(\.edges).compactMap(\.operation?.rawValue)
    let written = reader.texts
    #expect(
      written.filter { $0.contains("_") && !$0.contains("{") }.sorted() == operations.sorted())
    #expect(written.contains("a < b") && written.contains("dilated convolution"))
    #expect(!written.contains("convolution"), "the legend has only what the cells have")
  }

  @Test func `an edge without an operation is dashed and faint`() {
    let dashes = { (svg: String) in svg.split(separator: "\n").count { $0.contains("dasharray") } }
    let dense = NASBench201Genotype(Array(repeating: .norConv3x3, count: 6))
    #expect(dashes(CellSVG("t", caption: "", dense).svg) == 0)
    let empty = NASBench201Genotype(Array(repeating: .none, count: 6))
    #expect(dashes(CellSVG("t", caption: "", empty).svg) == 6 + 1, "six edges and the legend")
  }

  @Test func `a DOT graph has the nodes and edges of the cells`() {
    let text = CellDOT.text(DARTSGenotype.dartsV2, name: "V2")
    let lines = text.split(separator: "\n").map(String.init)
    let graphs = DARTSGenotype.dartsV2.cells
    #expect(lines.count { $0.contains(" -> ") } == graphs.reduce(0) { $0 + $1.edges.count })
    #expect(lines.count { $0.contains("shape=box") } == graphs.reduce(0) { $0 + $1.nodes.count })
    #expect(lines.contains("    c0n2 -> c0n5 [label=\"dil_conv_3x3\", color=\"#c8721a\"];"))
    #expect(lines.contains("  subgraph cluster1 {") && lines.last == "}")
    let empty = NASBench201Genotype(Array(repeating: .none, count: 6))
    #expect(
      CellDOT.text(empty, name: "").split(separator: "\n").count { $0.contains("dashed") } == 6)
  }
}
