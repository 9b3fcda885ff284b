import Foundation
import Reports
import SearchSpaces
import Testing
import TopologicalSimplification

@Suite("Drawings")
struct DrawingTests {
  private let edges = [
    (SearchSpace.nasBench201, 0), (SearchSpace.darts, 0), (SearchSpace.darts, 1),
  ].map { (space: $0, operation: $0.cells[$1].operations[0]) }

  /// Two convolutions of one operation in a merged kernel, behind a shared ReLU, in a sum within a sum.
  private let nested: Path = {
    let weight = { (members: [Int], all: [Int]) in ArchitectureWeight(members, within: all) }
    func relu(_ owners: [Primitive], _ role: String) -> Path {
      .module(ModuleSpec(.relu, owners: owners, role: role))
    }
    return .choice([
      Branch(weight([0], [0, 1, 2]), .module(ModuleSpec(.identity, of: "a<b&c"))),
      Branch(
        weight([1, 2], [0, 1, 2]),
        .chain([
          relu(["b", "c"], "relu"),
          .choice([
            Branch(weight([1], [1, 2]), relu(["b"], "relu2")),
            Branch(weight([2], [1, 2]), .module(ModuleSpec(.zero(stride: 2), of: "c"))),
          ]), relu(["b", "c"], "relu3"),
        ])),
    ])
  }()

  private func svg(_ path: Path, _ names: WeightNames) -> String {
    PathSVG.text([
      PathSVG.Panel("a < b", caption: "1 & 2", path, names),
      PathSVG.Panel("x", caption: "", path, names),
    ])
  }

  @Test func `an SVG is well-formed XML with every module in it`() throws {
    for (space, operation) in edges {
      let text = svg(operation.path, WeightNames(space.primitives))
      let reader = try #require(SVGReader(text))
      for module in operation.path.modules {
        #expect(reader.titles.filter { $0 == module.name }.count == 2, "\(module.name), twice")
      }
      for primitive in space.primitives {
        #expect(reader.texts.contains("alpha \(primitive.rawValue)"))
      }
      #expect(reader.texts.contains("a < b") && reader.texts.contains("1 & 2"))
      #expect(text == svg(operation.path, WeightNames(space.primitives)), "the same every time")
    }
  }

  @Test func `names from outside are escaped`() throws {
    let reader = try #require(
      SVGReader(svg(nested, WeightNames([.none, .sepConv3x3, .sepConv5x5]))))
    #expect(reader.titles.contains("a<b&c"))
    for text in ["A{sep3, sep5}", "p sep3", "p sep5", "stride 2"] {
      #expect(reader.texts.contains(text))
    }
  }

  @Test func `nothing in a drawing overlaps or is cut off`() {
    let paths = edges.map { ($0.operation.path, WeightNames($0.space.primitives)) }
    for (path, names) in paths + [(nested, WeightNames([.none, .sepConv3x3, .sepConv5x5]))] {
      let drawing = PathDrawing(path, names)
      expectNoOverlap(drawing.frames, width: drawing.width, height: drawing.height)
      #expect(drawing.nodes.compactMap(\.kind.module).map(\.name) == path.modules.map(\.name))
    }
  }

  @Test(arguments: Grouping.Variant.allCases, [nil] + FloatingModuleSharing.allCases)
  func `no simplified edge overlaps or is cut off`(
    _ variant: Grouping.Variant, _ floating: FloatingModuleSharing?
  ) throws {
    for (space, operation) in edges {
      // FMS-B has two sums over the same operations, which cannot have weights of their own.
      let joined = (true, floating == .block ? NestedWeights.derived : .independent)
      for (joinsPools, weights) in [(false, .derived), joined] {
        let simplifier = Simplifier(
          grouping: Grouping(variant, joinsPools: joinsPools), floating: floating,
          merging: .always, weights: weights)
        let simplified = simplifier.simplify(operation)
        let names = WeightNames(space.primitives, of: simplified)
        let drawing = PathDrawing(simplified.path, names)
        expectNoOverlap(drawing.frames, width: drawing.width, height: drawing.height)
        let modules = simplified.path.modules.map(\.name)
        #expect(drawing.nodes.compactMap(\.kind.module).map(\.name) == modules)
        #expect(SVGReader(svg(simplified.path, names)) != nil)
        // The steps in between, too.
        for step in simplifier.simplify(operation.path).steps {
          let drawing = PathDrawing(step.path, WeightNames(space.primitives))
          expectNoOverlap(drawing.frames, width: drawing.width, height: drawing.height)
        }
      }
    }
  }

  @Test func `connections lead from left to right`() {
    for (space, operation) in edges {
      let drawing = PathDrawing(operation.path, WeightNames(space.primitives))
      for edge in drawing.edges {
        #expect(drawing.nodes[edge.source].frame.right <= drawing.nodes[edge.target].frame.x)
      }
      let entered = Set(drawing.edges.map(\.target)), left = Set(drawing.edges.map(\.source))
      #expect(entered == Set(drawing.nodes.indices.dropFirst()), "all but the input")
      #expect(left == Set(drawing.nodes.indices.dropLast()), "all but the output")
    }
  }

  @Test func `a DOT graph has the nodes and connections of the drawing`() {
    let names = WeightNames(SearchSpace.darts.primitives)
    let text = PathDOT.text(edges[1].operation.path, names, name: "before")
    let drawing = PathDrawing(edges[1].operation.path, names)
    let lines = text.split(separator: "\n")
    #expect(lines.first == "digraph \"before\" {" && lines.last == "}")
    #expect(lines.count { $0.contains(" -> ") } == drawing.edges.count)
    #expect(
      lines.count { $0.hasPrefix("  n") && $0.contains("label=") && !$0.contains(" -> ") }
        == drawing.nodes.count)
    #expect(text.contains("label=\"DW 3x3\\ndilation 2\""))
    #expect(text.contains("[label=\"alpha sep_conv_3x3\"]"))
  }

  @Test func `a tree names its weights`() {
    #expect(
      WeightNames([.none, .sepConv3x3, .sepConv5x5]).tree(nested) == """
        sum
          alpha none *
            identity
          A{sep3, sep5} *
            ReLU
            sum
              p sep3 *
                ReLU
              p sep5 *
                zero stride 2
            ReLU
        """)
  }

  @Test func `a weight without a name keeps its symbols`() {
    let names = WeightNames([.none, .sepConv3x3])
    #expect(names(.one) == nil)
    #expect(names(ArchitectureWeight([7], within: [7, 8])) == "w(7 | 7 8)")
    #expect(
      SearchSpace.nasBench201.primitives.map(\.shortName) == [
        "none", "skip", "nor1", "nor3", "avg3",
      ])
    #expect(
      SearchSpace.darts.primitives.map(\.shortName) == [
        "none", "max3", "avg3", "skip", "sep3", "sep5", "dil3", "dil5",
      ])
    let others: [Primitive] = ["my_own", "conv_3x3", "nor_conv_3x5", "a<b&c"]
    #expect(others.map(\.shortName) == others.map(\.rawValue), "nothing is cut off")
  }

  @Test func `a bar chart is well-formed, with a bar for every value`() throws {
    let chart = BarChart(
      "title <", caption: "&", series: ["one", "two"],
      rows: [
        .init("a", [(value: 0, text: "0.00"), (value: 2.5, text: "2.50")]),
        .init("b", [(value: 1, text: "1.00"), (value: 0.3, text: "0.30")]),
      ])
    let reader = try #require(SVGReader(chart.svg))
    #expect(reader.counts["rect"] == 1 + 2 + 4, "the ground, the legend, the bars")
    for text in ["title <", "&", "one", "two", "a", "b", "2.50", "0.30", "0.00"] {
      #expect(reader.texts.contains(text))
    }
    #expect(SVGReader(BarChart("t", caption: "", series: ["s"], rows: []).svg) != nil, "no rows")
  }

  @Test func `a picture folder may exist, and tells what is in its way`() throws {
    let root = NSTemporaryDirectory() + "toponas-pictures-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: root) }
    for text in ["one", "two"] { try PictureFolder("\(root)/a").write(text, to: "x.svg") }
    #expect(try String(contentsOfFile: "\(root)/a/x.svg", encoding: .utf8) == "two")
    #expect {
      try PictureFolder("\(root)/a/x.svg/b")
    } throws: { error in
      guard case .cannotCreate(let path, _)? = error as? PictureFolderError else { return false }
      return path == "\(root)/a/x.svg/b"
    }
  }
}
