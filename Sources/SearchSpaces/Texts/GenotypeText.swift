/// The genotypes in a text: a line that was copied, the log of a search, a program, a page, JSON.
///
/// Every form in which Python reads a genotype is taken: `Genotype(...)` with keywords in any order or without,
/// dictionaries and JSON objects; lists and tuples, ranges, either quotation mark, comments, line ends; fields in lines
/// of their own. What its fields are each space says itself, with forms of its own, such as the string of
/// NAS-Bench-201, and what stands for a genotype where a text is nothing else: the name of a published cell, or the
/// index of one in the benchmark.
///
/// What stands after a `#` counts only where nothing else is a genotype.
///
/// The time is in proportion to the length of the text.
public struct GenotypeText: Sendable {
  /// A genotype and its place.
  public struct Entry: Sendable {
    /// The cells.
    public let genotype: any SpaceGenotype
    /// Where they begin, in Unicode scalars from the start of the text.
    public let place: Int
  }

  /// The genotypes in the order of the text, at least one.
  public let entries: [Entry]
  /// The last genotype of the text.
  public var last: Entry { entries[entries.count - 1] }
  private let source: SourceText

  /// Reads a text whose last genotype is sound, whatever surrounds it.
  public init(_ text: String) throws(GenotypeError) {
    source = SourceText(text)
    var scan = GenotypeScan(source)
    scan.run()
    if scan.sound.isEmpty { scan.runInStrings() }
    if scan.sound.isEmpty, let decoded = source.decodingMarks {
      scan = GenotypeScan(decoded)
      scan.run()
    }
    if scan.sound.isEmpty, scan.broken == nil { scan.runForFields() }
    let sound = scan.sound
    if let broken = scan.broken, broken.start > sound.last?.place ?? -1 {
      throw GenotypeError(broken.error, in: source, broken.form)
    }
    if !sound.isEmpty {
      entries = sound
    } else {
      entries = [Entry(genotype: try Self.named(source, scan.doubtful), place: 0)]
    }
  }

  /// The line and the column of an entry, both counted from 1.
  public func position(of entry: Entry) -> (line: Int, column: Int) {
    let place = error(at: entry, expected: "")
    return (place.line, place.column)
  }

  /// The last genotype, which must be one of this type.
  func lastGenotype<Genotype: SpaceGenotype>() throws(GenotypeError) -> Genotype {
    guard let genotype = last.genotype as? Genotype else {
      let entry = SpaceEntry.all.first { $0.genotype == Genotype.self }
      throw error(at: last, expected: entry?.words.genotype ?? "\(Genotype.self)")
    }
    return genotype
  }

  /// That something else was expected than this entry.
  private func error(at entry: Entry, expected: String) -> GenotypeError {
    GenotypeError(
      TextError(place: entry.place, expected: expected), in: source,
      .space(entry.genotype.space.name))
  }

  /// What a text without a genotype stands for, if it is a single word, number or list.
  private static func named(
    _ source: SourceText, _ doubtful: BrokenGenotype?
  ) throws(GenotypeError) -> any SpaceGenotype {
    for kind in GenotypeKind.all {
      do throws(TextError) {
        if let genotype = try kind.type.named(source) { return genotype }
      } catch { throw GenotypeError(error, in: source, kind.form) }
    }
    if let doubtful { throw GenotypeError(doubtful.error, in: source, doubtful.form) }
    let start = source.scalars.firstIndex { !$0.isSpace } ?? source.scalars.count
    throw GenotypeError(TextError(place: start, expected: "a genotype"), in: source, .other)
  }
}

/// Something that begins as a genotype and is none.
struct BrokenGenotype {
  /// Where it begins in the text that the user gave.
  let start: Int
  let error: TextError
  let form: GenotypeError.Form
}

/// Looks for genotypes from the start of a text to its end.
///
/// Wherever a value begins that can be a genotype, it is read. If it is none, the search goes on inside it. Since
/// brackets inside each other are limited, no scalar is read more often than that limit.
struct GenotypeScan {
  /// What was found in a part of the text.
  private struct Findings {
    var sound: [GenotypeText.Entry] = []
    var broken: BrokenGenotype?
    var isEmpty: Bool { sound.isEmpty && broken == nil }
  }

  /// The genotypes that were found.
  var sound: [GenotypeText.Entry] { findings.sound }
  /// The last that began as one, with its operations, and is none.
  var broken: BrokenGenotype? { findings.broken }
  /// The first that may have been meant as one.
  private(set) var doubtful: BrokenGenotype?
  private var findings = Findings()
  private var inComments = Findings()
  private let text: SourceText
  private var index = 0
  private var isInComment = false

  init(_ text: SourceText) { self.text = text }

  /// Looks through the text.
  mutating func run() {
    while let next = text[index] {
      if next.isLineEnd { isInComment = false }
      if readOwnForm() { continue }
      switch next {
      case "[", "(", "{": readValue(after: index + 1, isGenotype: beginsFields)
      case _ where next.beginsName: readName()
      default:
        if beginsComment { isInComment = true }
        index += 1
      }
    }
    if findings.isEmpty { findings = inComments }
  }

  /// Looks through what stands in quotation marks, where backslashes may stand before others.
  ///
  /// If nothing is found there, what was found before stays.
  mutating func runInStrings(levels: Int = 3) {
    var reader = PythonReader(text)
    var inner = Findings()
    while reader.index < text.scalars.count {
      let start = reader.index
      if let string = try? reader.strings() {
        var scan = GenotypeScan(string)
        scan.run()
        if scan.sound.isEmpty, levels > 1 { scan.runInStrings(levels: levels - 1) }
        inner.sound += scan.sound
        inner.broken = scan.broken ?? inner.broken
      } else {
        reader = PythonReader(text, from: start + 1)
      }
    }
    if !inner.sound.isEmpty || broken == nil { findings = inner }
  }

  /// Looks for fields in lines of their own.
  mutating func runForFields() {
    for fields in SeparateFields(text).groups {
      let value = PythonValue(.dictionary(fields), at: fields[0].key.place)
      do throws(TextError) {
        guard let genotype = try GenotypeKind.genotype(value) else { continue }
        add(GenotypeText.Entry(genotype: genotype, place: value.place))
      } catch {
        add(BrokenGenotype(start: value.place, error: error, form: GenotypeKind.form(of: value)))
      }
    }
  }

  // MARK: Candidates

  /// Reads a name, and the call that it may begin.
  private mutating func readName() {
    var reader = PythonReader(text, from: index)
    let name = reader.dottedName().lastName.lowercased()
    let end = reader.index
    reader.skipSpaces()
    if text[reader.index] == "(" {
      readValue(after: end, isGenotype: name.contains("genotype"))
    } else {
      index = end
    }
  }

  /// Reads a value; if it is no genotype, looks on at `next`.
  ///
  /// `isGenotype` says that it begins like one, so that an error is reported if it is none.
  private mutating func readValue(after next: Int, isGenotype: Bool) {
    var reader = PythonReader(text, from: index)
    let start = text.place(of: index)
    var form = GenotypeKind.form(beginningWith: firstField)
    do throws(TextError) {
      let value = try reader.value()
      form = GenotypeKind.form(of: value)
      if let genotype = try GenotypeKind.genotype(value) {
        index = reader.index
        return add(GenotypeText.Entry(genotype: genotype, place: value.place))
      }
    } catch {
      let failure = BrokenGenotype(start: start, error: error, form: form)
      if isGenotype, reader.hasReadString {
        add(failure)
      } else if isGenotype {
        doubtful = doubtful ?? failure
      }
    }
    index = next
  }

  /// Reads what begins here in a form of its space's own; false if nothing does.
  private mutating func readOwnForm() -> Bool {
    let start = text.place(of: index)
    for kind in GenotypeKind.all {
      guard let found = kind.type.beginning(at: &index, of: text) else { continue }
      switch found {
      case .success(let genotype): add(GenotypeText.Entry(genotype: genotype, place: start))
      case .failure(let error): add(BrokenGenotype(start: start, error: error, form: kind.form))
      }
      return true
    }
    return false
  }

  /// Whether braces open here whose first key is a field of a genotype.
  private var beginsFields: Bool { text[index] == "{" && GenotypeKind.isBegun(by: firstField) }

  /// The first keyword or key of the call or dictionary that begins here; empty if there is none.
  private var firstField: String {
    var reader = PythonReader(text, from: index)
    _ = reader.dottedName()
    guard reader.passes("(") || reader.passes("{") else { return "" }
    reader.skipSpaces()
    return (try? reader.strings())?.text ?? reader.dottedName()
  }

  /// Whether a comment begins here, and no number such as `#3`.
  private var beginsComment: Bool {
    text[index] == "#" && !(text[index + 1]?.isDigit ?? false)
      && (index == 0 || !text.scalars[index - 1].continuesName)
  }

  private mutating func add(_ entry: GenotypeText.Entry) {
    if isInComment { inComments.sound.append(entry) } else { findings.sound.append(entry) }
  }

  private mutating func add(_ failure: BrokenGenotype) {
    if isInComment { inComments.broken = failure } else { findings.broken = failure }
  }
}
