/// A value as a Python text holds it.
struct PythonValue: Sendable {
  /// What it is.
  indirect enum Content: Sendable {
    /// Letters without quotation marks: `None`, `DARTS_V2`.
    case name(String)
    /// A whole number.
    case integer(Int)
    /// Another number, and a whole one that is too large.
    case real(Double)
    /// What stands between quotation marks.
    case string(SourceText)
    /// A list, a tuple or a set.
    case sequence([PythonValue])
    /// A dictionary.
    case dictionary([(key: PythonValue, value: PythonValue)])
    /// A name with arguments: `range(2, 6)`, `Genotype(normal=...)`.
    case call(String, [PythonValue], keywords: [(name: String, value: PythonValue)])
  }

  /// What it is.
  let content: Content
  /// Where it begins in the text that the user gave.
  let place: Int

  init(_ content: Content, at place: Int) {
    self.content = content
    self.place = place
  }
}

// What a value stands for, whichever way it is written.
extension PythonValue {
  /// The elements of a list or tuple, and of what makes one: `list(...)`, `range(2, 6)`, `np.array([...])`.
  ///
  /// A list that was written as a string, as some JSON encoders do, is one too.
  var elements: [PythonValue]? {
    switch content {
    case .sequence(let elements): return elements
    case .string(let text):
      // A short look spares the operations, which are strings themselves.
      guard let first = text.scalars.first(where: { !$0.isSpace }),
        "[({rlt".unicodeScalars.contains(first)
      else { return nil }
      var reader = PythonReader(text)
      guard let value = try? reader.value(), reader.isAtEnd, !value.isString else { return nil }
      return value.elements
    case .call(let name, let arguments, _):
      let function = name.lastName
      if function == "range" || function == "arange" { return range(arguments) }
      let makers: Set = [
        "list", "tuple", "array", "asarray", "tensor", "Tensor", "sorted", "set", "frozenset",
      ]
      return makers.contains(function) && arguments.count == 1 ? arguments[0].elements : nil
    case .name, .integer, .real, .dictionary: return nil
    }
  }

  private func range(_ arguments: [PythonValue]) -> [PythonValue]? {
    let numbers = arguments.compactMap(\.wholeNumber)
    guard numbers.count == arguments.count, 1...3 ~= numbers.count else { return nil }
    let (first, end) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = numbers.count == 3 ? numbers[2] : 1
    // No cell has as many nodes.
    let limit = -1000...1000
    guard limit ~= first, limit ~= end, step != 0 else { return nil }
    return stride(from: first, to: end, by: step).map { PythonValue(.integer($0), at: place) }
  }

  /// The names and values of a dictionary, or the keywords of a call.
  var namedValues: [(name: String, value: PythonValue)] {
    switch content {
    case .call(_, _, let keywords): keywords
    case .dictionary(let pairs):
      pairs.compactMap { key, value in key.word.map { ($0.text, value) } }
    case .name, .integer, .real, .string, .sequence: []
    }
  }

  /// The names and values of the pairs among the elements of a list or tuple.
  var namedPairs: [(name: String, value: PythonValue)] {
    guard case .sequence(let elements) = content else { return [] }
    return elements.compactMap { element in
      guard case .sequence(let pair) = element.content, pair.count == 2, let name = pair[0].word
      else { return nil }
      return (name.text, pair[1])
    }
  }

  /// What `dict(...)` or `OrderedDict(...)` is made of; nil if this is no such call.
  var contentOfDictionary: PythonValue? {
    guard case .call(let name, let arguments, _) = content, arguments.count == 1,
      name.lastName.lowercased().hasSuffix("dict")
    else { return nil }
    return arguments[0]
  }

  /// The number: `2`, `2.0`, `np.int64(2)`, `tensor(2)`; nil if there is no whole one.
  var wholeNumber: Int? {
    switch content {
    case .integer(let number): return number
    case .real(let number): return Int(exactly: number)
    case .call(let name, let arguments, _):
      let makers = ["int", "uint", "long", "float", "tensor", "Tensor", "scalar"]
      return makers.contains(where: name.lastName.hasPrefix) && arguments.count == 1
        ? arguments[0].wholeNumber : nil
    case .name, .string, .sequence, .dictionary: return nil
    }
  }

  /// Letters, with or without quotation marks around them, and where they begin.
  var word: (text: String, place: Int)? {
    switch content {
    case .name(let name): (name, place)
    case .string(let text): (text.text, text.place(of: 0))
    default: nil
    }
  }

  /// Whether it is a string.
  var isString: Bool { if case .string = content { true } else { false } }

  /// Whether it is a whole number that is written without a point.
  var isInteger: Bool { if case .integer = content { true } else { false } }

  /// Whether it can be a number: also one that a call makes, and those that have names.
  var isNumber: Bool {
    switch content {
    case .integer, .real, .call: true
    case .name(let name): ["nan", "inf", "None", "NaN", "Infinity"].contains(name.lastName)
    case .string, .sequence, .dictionary: false
    }
  }

  /// Whether it says nothing: `None`, `''`, `[]`, `0`.
  var carriesNothing: Bool {
    switch content {
    case .name(let name): ["None", "null", "False", "false"].contains(name)
    case .integer(let number): number == 0
    case .real(let number): number == 0
    case .string(let text): text.scalars.isEmpty
    case .sequence(let elements): elements.allSatisfy(\.carriesNothing)
    case .dictionary(let pairs): pairs.isEmpty
    case .call: elements?.isEmpty ?? false
    }
  }
}

extension String {
  /// What stands after the last point: `range` of `builtins.range`.
  var lastName: String { split(separator: ".").last.map(String.init) ?? self }
}
