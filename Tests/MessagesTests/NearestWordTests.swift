import Testing

@testable import Messages

/// The word that was meant.
@Suite("Nearest words")
struct NearestWordTests {
  @Test func `edit distance`() {
    #expect(editDistance("", "abc") == 3)
    #expect(editDistance("kitten", "sitting") == 3)
    #expect(editDistance("epochs", "epochs") == 0)
    #expect(editDistance("tmie", "time") == 1 && editDistance("ca", "abc") == 3)
  }

  @Test func `the nearest word is near`() {
    let words = ["run", "cost", "search", "evaluate", "--cells", "settings.momentum"]
    for (typed, meant) in [
      ("rnu", "run"), ("ru", "run"), ("csot", "cost"), ("serach", "search"),
      ("evalute", "evaluate"),
      ("--cels", "--cells"), ("settings.momentun", "settings.momentum"),
    ] { #expect(nearest(to: typed, among: words) == meant) }
    // Three letters are within three edits of every word of three.
    for typed in ["x", "abc", "ran1", "--abcde", "settings.moabcdef", "settings.x", "", "---"] {
      #expect(nearest(to: typed, among: words) == nil, "\(typed)")
    }
    #expect(nearest(to: String(repeating: "x", count: 1_000_000), among: words) == nil)
  }
}
