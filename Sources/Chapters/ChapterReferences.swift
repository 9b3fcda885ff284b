/// What the prose of a chapter points at.
extension Chapter {
  /// A word of the text that names something, and its line, counted from 1.
  public struct Reference: Hashable, Sendable {
    /// The name.
    public let target: String
    /// The line.
    public let line: Int
  }

  /// The targets of the links and pictures that lie in the project, without their anchors.
  public var localLinks: [Reference] {
    prose.flatMap { line, text in
      text.matches(of: /\]\(([^)\s]+)\)/).map(\.1)
        .filter { !$0.contains("://") && !$0.hasPrefix("#") && !$0.hasPrefix("mailto:") }
        .map { Reference(target: String($0.prefix { $0 != "#" }), line: line) }
    }
  }

  /// The files of the pictures whose text begins with `~`: what they show differs between machines.
  public var approximatePictures: [String] {
    prose.flatMap { _, text in text.matches(of: /!\[~[^\]]*\]\(([^)\s]+)\)/).map { String($0.1) } }
  }

  /// The equations that the prose names, like `TS-12`, `B-3` and `D1-6`.
  public var namedEquations: [Reference] {
    prose.flatMap { line, text in
      text.matches(of: /\b((?:TS|[A-C]|D[0-9]+)-[0-9]+[a-z]?)\b/).map {
        Reference(target: String($0.1), line: line)
      }
    }
  }

  /// An equation with the provenance that stands beside it, like `TS-12 **[reconstructed: high]**`.
  public struct TaggedEquation: Hashable, Sendable {
    /// The equation.
    public let id: String
    /// What stands between the brackets.
    public let tag: String
    /// The line of the equation, counted from 1.
    public let line: Int
  }

  /// The equations that the prose tags; a tag may go on in the next line.
  public var taggedEquations: [TaggedEquation] {
    let prose = prose
    return prose.indices.flatMap { index in
      let (line, text) = prose[index]
      let isContinued = index + 1 < prose.count && prose[index + 1].line == line + 1
      let both = isContinued ? "\(text) \(prose[index + 1].text.drop { $0 == " " })" : text
      let next = both.index(both.startIndex, offsetBy: text.count)
      return both.matches(
        of: /\b((?:TS|[A-C]|D[0-9]+)-[0-9]+[a-z]?)\)?,? ?\*\*\[([^\]]+)\]\*\*/
      )
      .filter { $0.range.lowerBound < next }
      .map { TaggedEquation(id: String($0.1), tag: String($0.2), line: line) }
    }
  }

  /// The equations that the chapter is about: those of the line `Equations: ...` at its head.
  public var equations: [String] {
    guard let head = lines.first(where: { $0.contains("Equations:") }),
      let start = head.firstRange(of: "Equations:")
    else { return [] }
    return head[start.upperBound...].matches(of: /\b((?:TS|[A-C]|D[0-9]+)-[0-9]+[a-z]?)\b/)
      .map { String($0.1) }
  }

  /// The title.
  public var title: String { lines.first.map { String($0.drop { $0 == "#" || $0 == " " }) } ?? "" }

  /// The lines that are no code, with their numbers, counted from 1.
  var prose: [(line: Int, text: String)] {
    let code = (try? Block.all(of: lines, in: name)) ?? []
    return lines.enumerated().filter { index, _ in !code.contains { $0.body.contains(index) } }
      .map { ($0 + 1, $1) }
  }
}
