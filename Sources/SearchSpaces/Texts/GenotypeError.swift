import Messages

/// Why a text is no genotype, and where.
public struct GenotypeError: UserError, Equatable {
  /// What a text looks like.
  public enum Form: Hashable, Sendable {
    /// A genotype of the space of this name, as its text begins, or as its fields are called.
    case space(String)
    /// Cells of a space that is not among the listed ones.
    case cells
    /// None of these.
    case other
  }

  /// The line of the first wrong character, counted from 1.
  public let line: Int
  /// The column in the line, counted from 1.
  public let column: Int
  /// What was expected there.
  public let expected: String
  /// What is there.
  public let found: String
  /// What the text looks like.
  public let form: Form

  /// The code with which a program ends that reports it.
  public var exitCode: ExitCode { .badData }

  /// One line for the user.
  public var message: Message { "line \(line), \(messageInLine) (\(form.text))" }

  /// The message for a text of a single line whose form is known.
  public var messageInLine: Message {
    "column \(column): expected \(expected), found \(found)"
  }

  /// An error at a place of `text`.
  init(_ error: TextError, in text: SourceText, _ form: Form) {
    let (start, place) = (error.place, min(error.place, text.scalars.count))
    let before = text.scalars[..<place]
    let lineStart = before.lastIndex(where: \.isLineEnd).map { $0 + 1 } ?? 0
    line = 1 + text.lineEnds(before: place)
    column = 1 + text.text(lineStart..<place).count
    expected = error.expected
    let rest = text.scalars[place..<min(start + 12, text.scalars.count)].prefix { !$0.isLineEnd }
    found =
      place == text.scalars.count
      ? "the end"
      : rest.isEmpty
        ? "the end of the line" : "'\(printable(String(String.UnicodeScalarView(rest))))'"
    self.form = form
  }
}

extension GenotypeError.Form {
  /// In words: `read as cells of DARTS`.
  fileprivate var text: String {
    let genotypes = SpaceEntry.all.map(\.words.genotype)
    return switch self {
    case .space(let name): "read as \(SpaceEntry.named(name)?.words.genotype ?? name)"
    case .cells: "read as cells of a space of its own"
    case .other: "it looks like neither \(list(genotypes, "nor"))"
    }
  }
}

extension SourceText {
  /// How many lines end before an index; a carriage return and the line feed after it are one end.
  func lineEnds(before index: Int) -> Int {
    (0..<index).count { place in
      scalars[place] == "\n" || scalars[place] == "\r" && self[place + 1] != "\n"
    }
  }
}
