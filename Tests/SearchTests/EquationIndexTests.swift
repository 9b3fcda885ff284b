import Foundation
import Testing

/// Every equation in the sources says where it comes from, and has a test that bears its id.
@Suite("Equation index")
struct EquationIndexTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// All Swift text below a folder of the project.
  private static func text(_ folder: String) -> String {
    let path = root.appendingPathComponent(folder)
    let names =
      FileManager.default.enumerator(atPath: path.path)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".swift") }.sorted().map {
      (try? String(contentsOf: path.appendingPathComponent($0), encoding: .utf8)) ?? ""
    }.joined(separator: "\n")
  }

  /// Id and provenance of every `/// Equation:` line.
  private static let equations: [(id: String, tag: String)] = text("Sources")
    .matches(of: /\/\/\/ Equation: ([A-Z]+[0-9]*-[0-9]+[a-z]?) \[([^\]]+)\]/)
    .map { (String($0.1), String($0.2)) }

  /// `TS-13` is tested by functions named `eqTS13...`, `D1-9` by `eqD1_9...`.
  private static func testName(_ id: String) -> String {
    "func eq" + (id.hasPrefix("TS-") ? id.replacing("-", with: "") : id.replacing("-", with: "_"))
  }

  @Test func `every equation line has an id and a tag`() {
    let lines = Self.text("Sources").matches(of: #///.*Equation:/#).count
    #expect(lines == Self.equations.count, "a line is not of the form '/// Equation: ID [tag]'")
    #expect(Self.equations.count > 25)
  }

  @Test func `every tag is one of the known forms`() throws {
    let form = try Regex(
      "(paper|published|reconstructed|formula reconstructed|words only|derived)(: .+)?")
    for (id, tag) in Self.equations {
      for part in tag.split(separator: "; ") {
        #expect(try form.wholeMatch(in: String(part)) != nil, "\(id): \(part)")
        if part.contains("reconstructed") {
          #expect(
            part.hasSuffix("high") || part.hasSuffix("medium") || part.hasSuffix("low"),
            "\(id): how sure is the reconstruction?")
        }
      }
    }
  }

  @Test func `every equation has a test, and every such test an equation`() {
    let tests = Self.text("Tests")
    for (id, _) in Self.equations {
      let pattern = Self.testName(id) + "_"
      #expect(tests.contains(pattern), "no test \(pattern)... for equation \(id)")
    }
    let known = Set(Self.equations.map { Self.testName($0.id).dropFirst(7) })
    for match in tests.matches(of: /func eq(TS[0-9]+|[A-D][0-9]+_[0-9]+)_/) {
      #expect(known.contains(match.1), "the test eq\(match.1) names no equation of the sources")
    }
  }
}
