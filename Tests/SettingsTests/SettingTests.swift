import Foundation
import Settings
import Testing

/// Settings: what they take, and their values.
@Suite("Settings")
struct SettingTests {
  @Test func `texts are read as values in range, and as nothing else`() {
    #expect(AllowedValues.integer(1...9).read("9") == 9)
    #expect(AllowedValues.number(0...1).read("0.5") == 0.5)
    #expect(AllowedValues.choice(["a", "b"]).read("b") == "b")
    #expect(AllowedValues.text(placeholder: "FILE").read("x y") == "x y")
    let wrong: [(AllowedValues, String)] = [
      (.integer(1...9), "10"), (.integer(1...9), "1.5"), (.number(0...1), "1.1"),
      (.number(0 ... .infinity), "inf"), (.number(0...1), "nan"), (.choice(["a"]), "A"),
      (.text(placeholder: "FILE"), ""), (.flag, "true"),
    ]
    for (values, text) in wrong { #expect(values.read(text) == nil, "\(values): \(text)") }
  }

  @Test func `values say what they are`() {
    #expect(AllowedValues.integer(0...Int.max).expectation == "a whole number from 0")
    #expect(AllowedValues.number(0.5...2).expectation == "a number from 0.5 to 2")
    #expect(AllowedValues.choice(["a", "b"]).expectation == "one of a, b")
    #expect(AllowedValues.flag.range == nil)
  }

  @Test func `a whole number is the same value, however it is written`() {
    let values: Set<SettingValue> = [2, 2.0, "2", .flag(true)]
    #expect(values.count == 3)
    #expect(SettingValue.number(2).integer == 2 && SettingValue.number(2.5).integer == nil)
    // Above 2^53 not all whole numbers are numbers of this kind; seeds go up to 2^63 - 1.
    #expect(SettingValue.integer(.max) != .integer(.max - 1))
  }

  @Test func `values pass through JSON`() throws {
    let values: [SettingValue] = [.integer(.max), 0.25, "word", .flag(false)]
    let data = try JSONEncoder().encode(values)
    #expect(try JSONDecoder().decode([SettingValue].self, from: data) == values)
  }

  @Test func `a key has no dashes`() {
    #expect(Setting("partial-channels", .integer(1...64), help: "").key == "partial_channels")
  }
}
