import Foundation
import Reports
import Runs
import SearchSpaces
import TestSupport
import Testing
import TopologicalSimplification

#if canImport(FoundationXML)
  import FoundationXML
#endif

@Suite("The simplification as a page of steps")
struct SimplificationPageTests {
  private static let edges = [
    SearchedEdge(.nasBench201), SearchedEdge(.darts), SearchedEdge(.darts, stride: 2),
  ]

  private static let simplifiers = [
    Simplifier(), Simplifier(grouping: Grouping(.pairs)), Simplifier(floating: .independentStages),
    Simplifier(floating: .block, merging: .always), Simplifier(weights: .independent),
  ]

  /// The places of some texts in a page, each sought behind the one before.
  private func places(_ texts: [String], in page: String) -> [String.Index?] {
    var start = page.startIndex
    return texts.map { text in
      let found = page[start...].firstRange(of: text)
      start = found?.upperBound ?? page.endIndex
      return found?.lowerBound
    }
  }

  @Test(arguments: edges.indices, simplifiers.indices)
  func `a page holds every step in order, with equations, badge and costs`(
    _ edge: Int, _ simplifier: Int
  ) {
    let result = SimplifiedEdge(Self.edges[edge], Self.simplifiers[simplifier])
    let page = SimplificationPage(result).html
    #expect(result.steps.count > 2)
    let texts = result.steps.enumerated().flatMap { index, step in
      let costs = [step.before.modules, step.after.modules]
      return [
        "<section class=\"step-\(index + 1)\"",
        "<h2>\(index + 1). \(step.rule.name) \(step.subject)",
        ">\(step.exactness.badge)</span>",
      ] + costs.map { "<td class=\"number\">\($0)</td>" }
        + step.equations.map { "<dt>\($0.id)</dt>" }
    }
    #expect(places(texts, in: page).allSatisfy { $0 != nil })
    #expect(page.components(separatedBy: "<svg ").count - 1 == result.steps.count + 2)
    #expect(!page.contains(">w("), "weights have names")
  }

  @Test(arguments: edges.indices)
  func `a page is well-formed, the same every time, and needs nothing else`(_ edge: Int) {
    let page = SimplificationPage(SimplifiedEdge(Self.edges[edge], Simplifier())).html
    #expect(XMLParser(data: Data(page.utf8)).parse())
    #expect(firstUnbalancedTag(in: page) == nil)
    for foreign in ["<script", "http", "url(", "@import", "<link", " src=", " href="] {
      #expect(!page.contains(foreign), "\(foreign)")
    }
    #expect(page == SimplificationPage(SimplifiedEdge(Self.edges[edge], Simplifier())).html)
  }

  @Test func `where no rule applies there is one picture`() {
    let page = SimplificationPage(SimplifiedEdge(Self.edges[0], Simplifier(rules: []))).html
    #expect(page.contains("No rule applies") && !page.contains("step-1"))
    #expect(page.components(separatedBy: "<svg ").count - 1 == 1)
  }

  @Test func `names from outside are escaped`() {
    let rule = RewriteRule("<b>", statement: "1 < 2 & \"3\"", exactness: .everywhere) {
      sum, place, simplifier in
      RewriteRule.sharePrefix.offers(sum, place, simplifier)
    }
    let page = SimplificationPage(SimplifiedEdge(Self.edges[0], Simplifier(rules: [rule]))).html
    #expect(page.contains("&lt;b&gt;: 1 &lt; 2 &amp; &quot;3&quot;.") && !page.contains("<b>"))
    #expect(XMLParser(data: Data(page.utf8)).parse())
  }

  @Test func `the command writes it, and tells of a file that it cannot write`() throws {
    let root = try TemporaryFolder()
    let file = "\(root.path)/edge.html"
    for _ in 0..<2 {
      let outcome = try toponas(["simplify", "--space", "darts", "--html", file])
      #expect(outcome.status == 0 && outcome.output.hasSuffix("\n\nwrote \(file)\n"), "\(outcome)")
    }
    let page = try String(contentsOfFile: file, encoding: .utf8)
    #expect(page == SimplificationPage(SimplifiedEdge(Self.edges[1], Simplifier())).html)
    let refused = try toponas(["simplify", "--html", "\(root.path)/none/edge.html"])
    #expect(refused.status != 0 && refused.error.contains("with --html"), "\(refused.error)")
  }
}
