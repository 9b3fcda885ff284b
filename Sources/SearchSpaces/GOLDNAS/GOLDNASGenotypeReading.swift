// From a value in a text to cells of GOLD-NAS.
extension GOLDNASGenotype: ReadableGenotype {
  /// The names of what a genotype consists of, in the order of the published program.
  static let fields = ["gene", "concat"]
  static let leadingFields = ["gene"]
  static let listedFields = fields

  /// More than any published network has; a text must not make a network that no machine can hold.
  static let cellLimit = 100

  /// The cells that a value stands for; nil if it is something else, such as cells of DARTS.
  ///
  /// `Genotype(gene=..., concat=...)` with its fields as keywords, keys or arguments in this order. The output joins
  /// all nodes that have a connection, so that another list of nodes is refused.
  init?(_ value: PythonValue) throws(TextError) {
    let named = Self.namedFields(value)
    func field(_ name: String) -> PythonValue? { named.last { $0.name == name }?.value }
    // A program that makes genotypes has a variable here.
    guard let gene = field(Self.fields[0]), let cells = gene.elements else { return nil }
    guard 1...Self.cellLimit ~= cells.count else {
      throw TextError(place: gene.place, expected: "a list of 1 to \(Self.cellLimit) cells")
    }
    if let concat = field(Self.fields[1]), !concat.carriesNothing {
      guard let nodes = concat.elements,
        nodes.compactMap(\.wholeNumber).sorted() == Array(Self.nodes)
      else { throw TextError(place: concat.place, expected: "the nodes range(2, 6)") }
    }
    self.init(try cells.map { cell throws(TextError) in try Self.connections(cell) })
  }

  /// Whether a value has the fields of cells of GOLD-NAS.
  static func hasFields(_ value: PythonValue) -> Bool {
    namedFields(value).contains { $0.name == fields[0] }
  }

  /// The names and values of a call, a dictionary, or of what makes one.
  private static func namedFields(_ value: PythonValue) -> [(name: String, value: PythonValue)] {
    if let inner = value.contentOfDictionary { return namedFields(inner) }
    switch value.content {
    case .call(let name, let arguments, _):
      // Cells of DARTS have four arguments.
      let isOwn =
        name.lastName.lowercased().contains("genotype") && 1...2 ~= arguments.count
        && arguments[0].isListOfCells
      return (isOwn ? zip(fields, arguments).map { ($0, $1) } : []) + value.namedValues
    case .sequence(let elements) where elements.count == 2 && elements[0].isListOfCells:
      return zip(fields, elements).map { ($0, $1) }
    default: return value.namedValues + value.namedPairs
    }
  }

  // MARK: Connections

  /// The connections of a cell: triples, or three after three without brackets around each.
  private static func connections(_ cell: PythonValue) throws(TextError) -> [Connection] {
    guard let elements = cell.elements, !elements.isEmpty else {
      throw TextError(
        place: cell.place, expected: "a list of connections such as ('skip_connect', 0, 2)")
    }
    var connections: [Connection] = []
    for element in elements {
      let connection = try connection(element)
      guard !connections.contains(connection) else {
        throw TextError(
          place: element.place, expected: "a connection that the cell does not have yet")
      }
      connections.append(connection)
    }
    return connections
  }

  /// One connection: the name of its operation, its source and its node.
  private static func connection(_ value: PythonValue) throws(TextError) -> Connection {
    let elements = value.elements ?? []
    guard elements.count == 3, let name = elements.first(where: { $0.word != nil })?.word else {
      throw TextError(
        place: value.place, expected: "a connection such as ('skip_connect', 0, 2)")
    }
    guard let operation = operations.first(where: { $0.rawValue == name.text }) else {
      throw TextError(
        place: name.place,
        expected: "one of \(operations.map(\.rawValue).joined(separator: ", "))")
    }
    let numbers = elements.filter { $0.word?.place != name.place }
    guard numbers.count == 2, let node = numbers[1].wholeNumber, nodes ~= node else {
      throw TextError(
        place: numbers.last?.place ?? value.place,
        expected: "a node from 2 to \(nodes.upperBound - 1)")
    }
    guard let source = numbers[0].wholeNumber, 0..<node ~= source else {
      throw TextError(
        place: numbers[0].place, expected: "a source of node \(node) from 0 to \(node - 1)")
    }
    return Connection(operation, from: source, to: node)
  }
}

extension PythonValue {
  /// Whether it is a list of lists of triples that each begin with a name.
  fileprivate var isListOfCells: Bool {
    guard let cells = elements, !cells.isEmpty else { return false }
    return cells.allSatisfy { cell in
      guard let triples = cell.elements, !triples.isEmpty else { return false }
      return triples.allSatisfy { $0.isTriple }
    }
  }

  /// Whether it is a name and two whole numbers.
  private var isTriple: Bool {
    guard let elements, elements.count == 3, elements[0].word != nil else { return false }
    return elements.dropFirst().allSatisfy { $0.wholeNumber != nil }
  }
}
