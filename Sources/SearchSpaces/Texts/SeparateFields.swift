/// The fields of genotypes that stand in lines of their own: `normal = [...]`, `cell.reduce = [...]`, `normal: [...]`.
struct SeparateFields {
  /// Names and values; where a name comes again, other cells begin.
  private(set) var groups: [[(key: PythonValue, value: PythonValue)]] = []
  private var names: Set<String> = []

  /// Looks for them from the start of a text to its end.
  init(_ text: SourceText) {
    var index = 0
    while let next = text[index] {
      guard next.beginsName else {
        index += 1
        continue
      }
      var reader = PythonReader(text, from: index)
      let key = PythonValue(.name(reader.dottedName().lastName), at: text.place(of: index))
      index = reader.index
      guard let name = key.word?.text, GenotypeKind.isListed(name),
        reader.passes("=") || reader.passes(":"), let value = try? reader.value(),
        value.elements != nil
      else { continue }
      index = reader.index
      add(name, key, value)
    }
  }

  private mutating func add(_ name: String, _ key: PythonValue, _ value: PythonValue) {
    if groups.isEmpty || names.contains(name) {
      groups.append([])
      names = []
    }
    names.insert(name)
    groups[groups.count - 1].append((key, value))
  }
}
