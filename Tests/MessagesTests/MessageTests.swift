import Messages
import Testing

/// What a message does with texts that came from elsewhere.
@Suite("Messages")
struct MessageTests {
  private struct Wrong: UserError {
    let name: String
    var message: Message { "no \(name)\nHint: another." }
  }

  @Test func `a value is a part of one line, whatever it holds`() {
    let name = "a\nHint: rm -rf\u{1B}[2J\r\u{7F}\u{85}\u{2028}\u{2029}\u{0}\t"
    let message: Message = "no folder at \(name)\nHint: name another."
    #expect(
      message.text
        == "no folder at a\\nHint: rm -rf\\u{1B}[2J\\r\\u{7F}\\u{0085}\\u{2028}\\u{2029}\\0\\t"
        + "\nHint: name another.")
    #expect(message.lines.count == 2)
  }

  @Test func `what turns the direction of writing is escaped, letters of all languages are not`() {
    #expect(printable("a\u{202E}gpj.b\u{2066}") == "a\\u{202E}gpj.b\\u{2066}")
    for name in [
      "\u{65E5}\u{672C}", "\u{5E9}\u{5DC}", "e\u{301}", "\u{1F468}\u{200D}\u{1F469}", "a b",
    ] {
      #expect(printable(name) == name && shown(name) == name)
    }
  }

  @Test func `a long value loses its middle`() {
    for count in [400, 401, 1_000_000] {
      let text = shown(String(repeating: "a", count: count - 3) + "end")
      #expect(text.hasPrefix("aaaa") && text.hasSuffix("aaend"))
      #expect(text.contains("left out") == (count > 400))
      #expect(text.unicodeScalars.count <= 450)
    }
    #expect(shown(String(repeating: "\u{1}", count: 500)).contains("(100 characters left out)"))
    // One letter with a megabyte of accents on it.
    #expect(shown("e" + String(repeating: "\u{301}", count: 1 << 20)).utf8.count < 2000)
  }

  @Test func `messages and their errors are put in whole`() {
    let error: any Error = Wrong(name: "x\ty")
    let outer: Message = "error: \(error)"
    #expect(
      outer.text == "error: no x\\ty\nHint: another." && "\(error)" == "no x\\ty\nHint: another.")
    let list = ["a\nb", "c"].map { "'\($0)'" as Message }
    #expect("\(list.joined(separator: "\n"))" == "'a\\nb'\n'c'")
    #expect(("\(1) and " + "\(verbatim: "a\nb")" as Message).text == "1 and a\nb")
    let number: Int? = nil
    #expect(("\(2.5) \(number as Any)" as Message).text == "2.5 nil")
  }

  @Test func `the names of settings are written as the program that shows them writes names`() {
    let message: Message = "\(setting: "cells") 2: too few\nHint: \(setting: "cells") 3 or more."
    #expect(message.text == "cells 2: too few\nHint: cells 3 or more.")
    #expect(message.text(namingSettings: "--") == "--cells 2: too few\nHint: --cells 3 or more.")
    // Parts keep the marks; values cannot bring any.
    let parts = message.lines + ["\("\u{1}batch") \(verbatim: "\u{1}batch")"]
    #expect(
      parts.joined(separator: " ").text(namingSettings: "--")
        == "--cells 2: too few Hint: --cells 3 or more. \\u{01}batch batch")
    #expect(([] as [Message]).joined() == "")
  }
}
