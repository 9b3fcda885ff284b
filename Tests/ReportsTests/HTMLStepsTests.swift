import Foundation
import TestSupport
import Testing

@testable import Reports

@Suite("Pages of steps")
struct HTMLStepsTests {
  private func page(_ count: Int) -> String {
    HTMLPage.document(title: "t", style: HTMLSteps.style(count: count)) { html in
      html.steps(
        "All <steps>",
        (0..<count).map { index in ("\(index) & <b>", { $0.element("p", "step \(index) <i>") }) })
    }
  }

  @Test func `every step has a button, a part of the page, and a rule that shows it`() {
    for count in [1, 2, 12] {
      let page = page(count)
      for index in 0..<count {
        #expect(page.contains("<label for=\"step-\(index)\">\(index) &amp; &lt;b&gt;</label>"))
        #expect(page.components(separatedBy: " id=\"step-\(index)\"").count == 2)
        #expect(page.contains("<section class=\"step-\(index)\""))
        #expect(page.contains("#step-\(index):checked ~ .step-\(index)"))
      }
      #expect(!page.contains("step-\(count)"))
      #expect(page.components(separatedBy: "checked=\"checked\"").count == 2, "the first alone")
      #expect(page.contains("id=\"step-0\" checked"))
    }
  }

  @Test func `buttons stand before all steps, and steps are in order`() throws {
    let page = page(3)
    let places = try [
      "id=\"step-0\"", "id=\"step-1\"", "id=\"step-2\"", "<p>step 0", "<p>step 1", "<p>step 2",
    ].map { try #require(page.firstRange(of: $0)?.lowerBound, "\($0)") }
    #expect(places == places.sorted())
  }

  @Test func `the page is XML, and has no script`() {
    #expect(SVGReader(page(3)) != nil && firstUnbalancedTag(in: page(3)) == nil)
    for foreign in ["<script", "http", "url(", "@import", "onclick", " src=", " href=", "<i>"] {
      #expect(!page(3).contains(foreign), "\(foreign)")
    }
  }
}
