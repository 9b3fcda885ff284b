// From a value in a text to cells of DARTS.
extension DARTSGenotype: ReadableGenotype {
  /// The names of what a genotype consists of, in the order of the official code.
  static let fields = ["normal", "normal_concat", "reduce", "reduce_concat"]
  static let leadingFields = ["normal", "reduce"]
  static let listedFields = fields

  /// The published cells of this name.
  static func named(_ text: SourceText) -> DARTSGenotype? { DARTSGenotype(published: text.word) }

  /// The cells that a value stands for; nil if it is something else, such as a call of a program's own functions.
  ///
  /// The fields `normal`, `normal_concat`, `reduce` and `reduce_concat` can be keywords or keys in any order, or
  /// arguments in this order; the connections of a cell are a list for each node, or two a node, with further numbers. Without a list of nodes for the output, all of them make it up. What else is there must carry nothing.
  init?(_ value: PythonValue) throws(TextError) {
    guard let fields = try GenotypeFields(value) else { return nil }
    self.init(
      normal: try DARTSCellReading(fields.normal, output: fields.normalOutput).cell,
      reduction: try DARTSCellReading(fields.reduction, output: fields.reductionOutput).cell)
  }
}

/// The fields of a genotype, before they are looked into.
private struct GenotypeFields {
  let normal: PythonValue
  let normalOutput: PythonValue?
  let reduction: PythonValue
  let reductionOutput: PythonValue?

  init?(_ value: PythonValue) throws(TextError) {
    guard let fields = Self.fields(value) else { return nil }
    func field(_ name: String) -> PythonValue? { fields.last { $0.name == name }?.value }
    if field("recurrent") != nil, field("normal") == nil {
      throw TextError(
        place: value.place, expected: "convolutional cells, with the fields normal and reduce")
    }
    // A program that makes genotypes has variables here.
    guard let normal = field("normal"), normal.elements != nil else { return nil }
    guard let reduction = field("reduce"), reduction.elements != nil else {
      throw TextError(
        place: field("reduce")?.place ?? value.place,
        expected: "a field reduce with the connections of the reduction cell")
    }
    if let extra = fields.first(where: { Self.isForeign($0.name, $0.value, in: value) }) {
      throw TextError(
        place: extra.value.place,
        expected: "nothing in the field \(extra.name), which cells of DARTS do not have")
    }
    (self.normal, normalOutput) = (normal, field("normal_concat"))
    (self.reduction, reductionOutput) = (reduction, field("reduce_concat"))
  }

  /// The names and values of a call, a dictionary, or a tuple of four; nil if the value has no such fields.
  private static func fields(_ value: PythonValue) -> [(name: String, value: PythonValue)]? {
    switch value.content {
    case .call(let name, let arguments, let keywords):
      let isGenotype = name.lastName.lowercased().contains("genotype")
      if isGenotype || keywords.contains(where: { $0.name == "normal" }) {
        let unnamed = DARTSGenotype.fields.filter { name in !keywords.contains { $0.name == name } }
        return arguments.enumerated().map { index, argument in
          (index < unnamed.count ? unnamed[index] : "no. \(index + 1)", argument)
        } + keywords
      }
      return value.contentOfDictionary.flatMap(fields)
    case .dictionary:
      let named = value.namedValues
      return named.contains { $0.name == "normal" } ? named : nil
    case .sequence(let elements):
      let pairs = value.namedPairs
      if pairs.contains(where: { $0.name == "normal" }) { return pairs }
      let isTuple =
        elements.count == 4 && [1, 3].allSatisfy { elements[$0].isListOfNumbers }
        && [0, 2].allSatisfy { elements[$0].isListOfLists }
      return isTuple ? zip(DARTSGenotype.fields, elements).map { ($0, $1) } : nil
    case .name, .integer, .real, .string: return nil
    }
  }

  /// Whether a field says something that cells of DARTS do not have.
  ///
  /// Dictionaries are also lists of remarks, so that of theirs only those matter whose names say that they are of the cells.
  private static func isForeign(
    _ name: String, _ field: PythonValue, in value: PythonValue
  ) -> Bool {
    if DARTSGenotype.fields.contains(name) || field.carriesNothing { return false }
    guard case .dictionary = value.content else { return true }
    return ["normal_", "reduce_", "connect"].contains(where: name.hasPrefix)
  }
}

extension PythonValue {
  fileprivate var isListOfNumbers: Bool {
    guard let elements else { return false }
    return !elements.isEmpty && elements.allSatisfy { $0.wholeNumber != nil }
  }

  fileprivate var isListOfLists: Bool {
    guard let elements else { return false }
    return !elements.isEmpty && elements.allSatisfy { $0.elements != nil }
  }
}
