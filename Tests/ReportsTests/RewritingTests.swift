import Foundation
import SearchSpaces
import Testing
import TopologicalSimplification

@testable import Reports

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("Pictures of rewritings")
struct RewritingTests {
  private static let edges = [
    (SearchSpace.nasBench201, 0), (SearchSpace.darts, 0), (SearchSpace.darts, 1),
  ].map { (space: $0, path: $0.cells[$1].operations[0].path) }

  /// The drawings before and after each step.
  private var pairs: [(step: RewriteStep, before: PathSVG.Panel, after: PathSVG.Panel)] {
    Self.edges.flatMap { space, path in
      let names = WeightNames(space.primitives)
      var before = PathSVG.Panel("before", caption: "", path, names)
      return Simplifier().simplify(path).steps.map { step in
        let after = PathSVG.Panel("after", caption: "", step.path, names)
        defer { before = after }
        return (step, before, after)
      }
    }
  }

  private func picture(_ before: PathSVG.Panel, _ after: PathSVG.Panel) -> String {
    PathSVG.text([before.showingWhatGoes(in: after), after.showingWhatIsNew(since: before)])
  }

  private func modules(_ marks: PathMarks, _ drawing: PathDrawing) -> [ModuleSpec] {
    marks.nodes.sorted().compactMap { drawing.nodes[$0].kind.module }
  }

  @Test func `what goes and what came differ by what a step saves`() {
    #expect(pairs.count == 3 + 5 + 5)
    for (step, before, after) in pairs {
      let gone = PathMarks(.ghost, before.drawing, notIn: after.drawing)
      let came = PathMarks(.new, after.drawing, notIn: before.drawing)
      #expect(gone.nodes.count - came.nodes.count == step.before.modules - step.after.modules)
      let new = modules(came, after.drawing)
      #expect(!new.isEmpty && new.allSatisfy { $0.belongsToSeveral }, "\(step.rule)")
      let owners = Set(step.owners.joined())
      #expect(modules(gone, before.drawing).allSatisfy { owners.isSuperset(of: $0.owners) })
    }
  }

  @Test func `the first step of NAS-Bench-201 shares a ReLU`() {
    let (_, before, after) = pairs[0]
    let gone = modules(PathMarks(.ghost, before.drawing, notIn: after.drawing), before.drawing)
    let came = modules(PathMarks(.new, after.drawing, notIn: before.drawing), after.drawing)
    #expect(gone.map(\.signature) == ["ReLU", "ReLU"] && came.map(\.signature) == ["ReLU"])
    let weights = PathMarks(.new, after.drawing, notIn: before.drawing).edges
      .compactMap { after.drawing.edges[$0].label?.text }
    #expect(Set(weights) == ["A{nor1, nor3}", "p nor1", "p nor3"], "\(weights)")
  }

  @Test func `nothing is marked in a path beside itself`() {
    for (space, path) in Self.edges {
      let drawing = PathDrawing(path, WeightNames(space.primitives))
      let marks = PathMarks(.new, drawing, notIn: drawing)
      #expect(marks.nodes.isEmpty && marks.edges.isEmpty)
    }
  }

  @Test func `ghosts are dashed, what came has colours, what stays has none`() throws {
    let (_, before, after) = pairs[0]
    let svg = picture(before, after)
    let relu = try #require(Palette.entries.first { $0.name == "ReLU" })
    func boxes(_ fill: String, _ stroke: String) -> [Substring] {
      svg.split(separator: "\n").filter {
        $0.hasPrefix("<rect x") && $0.contains("fill=\"\(fill)\" stroke=\"\(stroke)\"")
      }
    }
    #expect(boxes(relu.fill, relu.stroke).count == 1 + 1, "the ReLU that came, and the legend")
    let ghosts = boxes("#ffffff", Palette.faint)
    #expect(ghosts.count == 2 + 1 && ghosts.allSatisfy { $0.contains("stroke-dasharray") })
    let reader = try #require(SVGReader(svg))
    #expect(reader.texts.contains("goes in this step") && reader.texts.contains("stays as it is"))
    for entry in Palette.entries where entry != relu {
      #expect(boxes(entry.fill, entry.stroke).isEmpty, "\(entry.name) stays")
    }
  }

  @Test func `a badge stands beside the title, inside the picture`() throws {
    let path = Self.edges[0].path
    let names = WeightNames(Self.edges[0].space.primitives)
    for title in ["t", String(repeating: "a long title ", count: 12)] {
      let svg = PathSVG.text([.init(title, caption: "", badge: "a < b", path, names)])
      let extent = try #require(SVGExtent(svg))
      #expect(extent.right <= extent.width)
      #expect(SVGReader(svg)?.texts.contains("a < b") == true)
    }
    let plain = PathSVG.text([.init("t", caption: "", path, names)])
    #expect(plain == PathSVG.text([.init("t", caption: "", badge: nil, path, names)]))
  }

  @Test func `all texts and boxes are inside the picture`() throws {
    for (_, before, after) in pairs {
      let extent = try #require(SVGExtent(picture(before, after)))
      #expect(extent.right <= extent.width && extent.bottom <= extent.height)
      #expect(extent.left >= 0 && extent.top >= 0)
    }
  }
}

/// How far the texts and boxes of a picture reach, and how large the picture is.
private final class SVGExtent: NSObject, XMLParserDelegate {
  private(set) var (left, top, right, bottom, width, height) = (0, 0, 0, 0, 0, 0)
  private var line: (attributes: [String: String], text: String)?

  init?(_ svg: String) {
    super.init()
    let parser = XMLParser(data: Data(svg.utf8))
    parser.delegate = self
    if !parser.parse() { return nil }
  }

  func parser(
    _: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?,
    attributes: [String: String]
  ) {
    let number = { (key: String) in attributes[key].flatMap { Int($0) } ?? 0 }
    switch name {
    case "svg": (width, height) = (number("width"), number("height"))
    case "rect": include(number("x"), number("y"), number("width"), number("height"))
    case "text": line = (attributes, "")
    default: break
    }
  }

  func parser(_: XMLParser, foundCharacters string: String) { line?.text += string }

  func parser(
    _: XMLParser, didEndElement name: String, namespaceURI _: String?, qualifiedName _: String?
  ) {
    guard name == "text", let (attributes, text) = line else { return }
    let number = { (key: String) in attributes[key].flatMap { Int($0) } ?? 0 }
    let (size, isCentred) = (number("font-size"), attributes["text-anchor"] == "middle")
    let width = TextMetrics.width(of: [text], size: size)
    include(number("x") - (isCentred ? width / 2 : 0), number("y") - size, width, size + 3)
    line = nil
  }

  private func include(_ x: Int, _ y: Int, _ width: Int, _ height: Int) {
    (left, top) = (min(left, x), min(top, y))
    (right, bottom) = (max(right, x + width), max(bottom, y + height))
  }
}
