import Messages
import Testing

@testable import Reports
@testable import Runs
@testable import toponas

/// Numbers, times and words as the program prints them.
@Suite("Formatting")
struct FormattingTests {
  @Test(arguments: [
    (0, "0 s"), (59.9, "59 s"), (63, "1 min 3 s"), (7500, "2 h 5 min"), (86_399, "23 h 59 min"),
    (86_400, "24 h 0 min"), (273_600, "3 days 4 h"), (86_400_000_000, "1,000,000 days 0 h"),
  ])
  func `a time has its two largest units`(_ seconds: Double, _ text: String) {
    #expect(duration(seconds) == text)
  }

  @Test(arguments: [
    ("a/b-c_d.e", "a/b-c_d.e"), ("", "''"), ("a b", "'a b'"), ("it's", #""it's""#),
    ("it's $1", #"'it'\''s $1'"#), ("'\"", #"''\''"'"#),
    ("\u{E9}", "'\u{E9}'"), ("a\nb'\\", #"$'a\x0ab\'\\'"#), ("\u{202E}", #"$'\xe2\x80\xae'"#),
  ])
  func `a word of a command line is one line`(_ text: String, _ word: String) {
    #expect(shellWord(text) == word)
  }
}
