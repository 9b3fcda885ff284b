/// One of the two cells of a genotype.
struct DARTSCellReading {
  private typealias Connection = DARTSGenotype.Connection

  /// What one connection says: a name, and one or more numbers.
  private struct Item {
    let operation: Primitive
    let numbers: [PythonValue]
    let place: Int
  }

  let cell: DARTSGenotype.Cell

  /// More than any published cell has; a text must not make a network that no machine can hold.
  private static let nodeLimit = 64
  private static let connectionLimit = 1024

  /// Reads the connections, and the nodes of the output.
  init(_ value: PythonValue, output: PythonValue?) throws(TextError) {
    let groups = try Self.groups(value)
    let targets = Self.targets(groups)
    let nodes = if let targets { try Self.nodes(targets) } else { try Self.nodes(groups) }
    guard 1...Self.nodeLimit ~= nodes.count,
      1...Self.connectionLimit ~= nodes.reduce(0, { $0 + $1.count })
    else {
      throw TextError(
        place: value.place,
        expected:
          "1 to \(Self.nodeLimit) nodes with 1 to \(Self.connectionLimit) connections in all")
    }
    guard let targets else {
      let concatenated = try Self.output(output, nodes: nodes.count)
      cell = DARTSGenotype.Cell(nodes: nodes, concatenated: concatenated)
      return
    }
    // The program that writes them builds no node that has no connection.
    let built = Set(targets.map(\.node))
    let listed = try Self.output(output, nodes: Self.nodeLimit) ?? built.sorted()
    let concatenated = listed.filter(built.contains)
    guard !concatenated.isEmpty else {
      throw TextError(
        place: output?.place ?? value.place, expected: "a node that has a connection")
    }
    cell = DARTSGenotype.Cell(nodes: nodes, concatenated: concatenated)
  }

  // MARK: Connections

  /// The connections as they are written: two by two in a flat list, else those of each inner list.
  private static func groups(_ value: PythonValue) throws(TextError) -> [[Item]] {
    var elements = value.elements ?? []
    // Brackets around the whole say nothing.
    while elements.count == 1, let inner = elements[0].elements, !elements[0].isConnection,
      inner.contains(where: { $0.elements != nil && !$0.isConnection })
    {
      elements = inner
    }
    if elements.contains(where: { $0.elements == nil }) {
      return try pairs(of: itemsInARow(elements), value)
    }
    if elements.contains(where: \.isConnection) {
      return try pairs(of: elements.map { element throws(TextError) in try item(element) }, value)
    }
    return try elements.map { element throws(TextError) in try items(in: element) }
  }

  /// Two connections a node, unless each says its node.
  private static func pairs(
    of items: [Item], _ value: PythonValue
  ) throws(TextError) -> [[Item]] {
    if targets([items]) != nil { return [items] }
    guard items.count % 2 == 0 else {
      throw TextError(
        place: items.last?.place ?? value.place,
        expected: "an even number of connections, two a node, in a list without inner lists")
    }
    return stride(from: 0, to: items.count, by: 2).map { Array(items[$0..<$0 + 2]) }
  }

  /// All connections of a node, however many brackets are around each.
  private static func items(in value: PythonValue) throws(TextError) -> [Item] {
    if value.isConnection { return [try item(value)] }
    var all: [Item] = []
    for element in value.elements ?? [value] {
      guard element.elements != nil else {
        throw TextError(place: element.place, expected: "a connection such as ('skip_connect', 0)")
      }
      all += try items(in: element)
    }
    return all
  }

  /// Connections without brackets around each: `['sep_conv_3x3', 0, 'skip_connect', 1]`.
  private static func itemsInARow(_ elements: [PythonValue]) throws(TextError) -> [Item] {
    let starts = elements.indices.filter { elements[$0].word != nil }
    guard starts.first == 0 else {
      throw TextError(
        place: elements[0].place, expected: "a connection such as ('skip_connect', 0)")
    }
    let ends = starts.dropFirst() + [elements.count]
    return try zip(starts, ends).map { range throws(TextError) in
      let parts = PythonValue(
        .sequence(Array(elements[range.0..<range.1])), at: elements[range.0].place)
      return try item(parts)
    }
  }

  /// One connection: the name of its operation and its source, in either order; then further numbers.
  private static func item(_ value: PythonValue) throws(TextError) -> Item {
    let elements = value.elements ?? []
    let form = "a connection such as ('skip_connect', 0)"
    guard let name = elements.first(where: { $0.word != nil })?.word else {
      throw TextError(place: value.place, expected: form)
    }
    guard let operation = DARTSGenotype.operations.first(where: { $0.rawValue == name.text }) else {
      let names = DARTSGenotype.operations.map(\.rawValue).joined(separator: ", ")
      throw TextError(place: name.place, expected: "one of \(names)")
    }
    let numbers = elements.filter { $0.word?.place != name.place }
    if let wrong = numbers.first(where: { !$0.isNumber }) {
      throw TextError(place: wrong.place, expected: "a number")
    }
    guard !numbers.isEmpty else { throw TextError(place: value.place, expected: form) }
    return Item(operation: operation, numbers: numbers, place: value.place)
  }

  /// A connection whose source is before its node.
  private static func connection(
    _ item: Item, _ source: PythonValue, to node: Int
  ) throws(TextError) -> Connection {
    guard let number = source.wholeNumber, 0..<node ~= number else {
      throw TextError(
        place: source.place, expected: "a source of node \(node) from 0 to \(node - 1)")
    }
    return Connection(item.operation, from: number)
  }

  // MARK: Connections that say their node

  /// The connections with source and node; nil if the numbers after the first are only weights.
  ///
  /// FairDARTS writes operation, node and source, others operation, source and node. Both are whole numbers, the node at
  /// least 2 and larger than the source, in every connection of the cell.
  private static func targets(
    _ groups: [[Item]]
  ) -> [(item: Item, source: PythonValue, node: Int)]? {
    guard groups.count == 1 else { return nil }
    for (source, node) in [(1, 0), (0, 1)] {
      let all = groups[0].compactMap { item -> (item: Item, source: PythonValue, node: Int)? in
        guard item.numbers.count == 2, item.numbers.allSatisfy(\.isInteger),
          let target = item.numbers[node].wholeNumber,
          let number = item.numbers[source].wholeNumber,
          2..<2 + nodeLimit ~= target, 0..<target ~= number
        else { return nil }
        return (item, item.numbers[source], target)
      }
      if all.count == groups[0].count, !all.isEmpty { return all }
    }
    return nil
  }

  private static func nodes(
    _ targets: [(item: Item, source: PythonValue, node: Int)]
  ) throws(TextError) -> [[Connection]] {
    var nodes = [[Connection]](repeating: [], count: (targets.map(\.node).max() ?? 1) - 1)
    for (item, source, node) in targets {
      nodes[node - 2].append(try connection(item, source, to: node))
    }
    return nodes
  }

  private static func nodes(_ groups: [[Item]]) throws(TextError) -> [[Connection]] {
    var nodes: [[Connection]] = []
    for (node, items) in zip(2..., groups) {
      nodes.append(
        try items.map { item throws(TextError) in
          try connection(item, item.numbers[0], to: node)
        })
    }
    return nodes
  }

  // MARK: Output

  /// The nodes whose channels make up the output; nil if nothing says so.
  private static func output(_ value: PythonValue?, nodes: Int) throws(TextError) -> [Int]? {
    guard let value else { return nil }
    if case .name = value.content, value.carriesNothing { return nil }
    var output: [Int] = []
    guard let elements = value.elements, !elements.isEmpty else {
      throw TextError(place: value.place, expected: "nodes such as [2, 3, 4, 5] or range(2, 6)")
    }
    for element in elements {
      guard let node = element.wholeNumber, 2..<2 + nodes ~= node else {
        throw TextError(place: element.place, expected: "a node from 2 to \(nodes + 1)")
      }
      guard !output.contains(node) else {
        throw TextError(place: element.place, expected: "a node that is not listed yet")
      }
      output.append(node)
    }
    return output
  }
}

extension PythonValue {
  /// Whether it is a name with numbers, and no list of such.
  fileprivate var isConnection: Bool {
    guard let elements else { return false }
    return elements.contains { $0.word != nil } && elements.allSatisfy { $0.elements == nil }
  }
}
