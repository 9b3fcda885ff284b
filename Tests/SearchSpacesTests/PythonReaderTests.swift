import Testing

@testable import SearchSpaces

@Suite("Values of Python")
struct PythonReaderTests {
  private func read(_ text: String) throws -> PythonValue {
    var reader = PythonReader(SourceText(text))
    let value = try reader.value()
    #expect(reader.isAtEnd, "\(text)")
    return value
  }

  private static let stringCases: [(String, String)] = [
    ("'a'", "a"), ("\"a'b\"", "a'b"), ("'''a\n'b'''", "a\n'b"), ("''", ""), ("''''''", ""),
    ("u'a'", "a"), ("Rb'a\\n'", "a\\n"), ("'a\\'b\\\\\\n\\x41\\u0042\\/'", "a'b\\\nAB/"),
    ("'a' \"b\"\n'c'", "abc"), ("('a'\n 'b')", "ab"), ("'a\\\nb'", "ab"), ("'\\xZZ'", "xZZ"),
  ]

  @Test(arguments: stringCases)
  func `strings`(_ text: String, _ string: String) throws {
    #expect(try read(text).word?.text == string)
  }

  private static let numberCases: [(String, Int?)] = [
    ("0", 0), ("-12", -12), ("+7", 7), ("1_000", 1000), ("3L", 3), ("2.0", 2), ("1e2", 100),
    ("int(3)", 3), ("np.int64(4)", 4), ("tensor(5, device='cuda:0')", 5), ("(6)", 6),
    ("1.5", nil),
    ("None", nil), ("'1'", nil), ("len([1])", nil), ("1e400", nil), ("99999999999999999999", nil),
  ]

  @Test(arguments: numberCases)
  func `whole numbers`(_ text: String, _ number: Int?) throws {
    #expect(try read(text).wholeNumber == number)
  }

  private static let listCases: [(String, [Int]?)] = [
    ("[]", []), ("[2, 3,]", [2, 3]), ("(2,)", [2]), ("{2, 3}", [2, 3]), ("range(2)", [0, 1]),
    ("range(2, 6)", [2, 3, 4, 5]), ("range(2, 9, 3)", [2, 5, 8]), ("range(3, 0, -1)", [3, 2, 1]),
    ("list(range(2, 4))", [2, 3]), ("np.array([2, 3], dtype=int)", [2, 3]),
    ("[*range(2, 4), 9]", [2, 3, 9]),
    ("'[2, 3]'", [2, 3]), ("'range(2, 4)'", [2, 3]), ("[2, # two\n 3]", [2, 3]), ("(2)", nil),
    ("range(2, 99999999)", nil), ("range(1, 2, 0)", nil), ("f([2])", nil), ("'2'", nil),
    ("{1: 2}", nil),
  ]

  @Test(arguments: listCases)
  func `lists`(_ text: String, _ numbers: [Int]?) throws {
    #expect(try read(text).elements.map { $0.compactMap(\.wholeNumber) } == numbers)
  }

  @Test(
    arguments: [
      "", "[", "[1 2]", "[1,,2]", "(,)", "'a", "'a\nb'", "01", "1x", "-", ".", "{1: }", "f(x=)",
      "f(x", "@", "[1)",
      String(repeating: "[", count: 100_000), String(repeating: "f(", count: 100_000),
    ])
  func `what is no value is refused`(_ text: String) {
    var reader = PythonReader(SourceText(text))
    #expect(throws: TextError.self) { try reader.value() }
  }

  @Test func `calls keep their arguments`() throws {
    guard
      case .call(let name, let arguments, let keywords) = try read("a.b(1, x=[2], y = 'z',)")
        .content
    else {
      Issue.record("no call")
      return
    }
    #expect(name == "a.b" && arguments.map(\.wholeNumber) == [1])
    #expect(keywords.map(\.name) == ["x", "y"] && keywords[1].value.word?.text == "z")
  }
}
