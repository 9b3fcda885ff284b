// From a value in a text to a topology of ST-NAS.
extension Topology: ReadableGenotype {
  /// The names of what a topology consists of.
  static let fields = ["module", "nodes", "skips", "stages"]
  static let leadingFields = ["stages"]

  /// How many nodes a stage can have where it is read or chosen by name, its input apart.
  public static let nodeRange = 2...20

  /// More stages than any network has; a text must not make a network that no machine can hold.
  static let stageLimit = 100

  /// The topology that a value stands for; nil if it is something else, such as cells of DARTS.
  ///
  /// `Genotype(module=..., nodes=..., skips=..., stages=...)` with its fields as keywords or keys.
  init?(_ value: PythonValue) throws(TextError) {
    let named = value.namedValues
    func field(_ name: String) throws(TextError) -> PythonValue {
      guard let found = named.last(where: { $0.name == name }) else {
        throw TextError(place: value.place, expected: "a topology with the field \(name)")
      }
      return found.value
    }
    func number(_ name: String, in range: ClosedRange<Int>) throws(TextError) -> Int {
      let value = try field(name)
      guard let number = value.wholeNumber, range ~= number else {
        throw TextError(
          place: value.place,
          expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
      }
      return number
    }
    // A program that makes topologies has a variable here.
    guard let list = named.last(where: { $0.name == "stages" })?.value, let stages = list.elements
    else { return nil }
    guard 1...Self.stageLimit ~= stages.count else {
      throw TextError(place: list.place, expected: "a list of 1 to \(Self.stageLimit) stages")
    }
    let module = try Self.module(field("module"))
    let lastNode = try number("nodes", in: Self.nodeRange)
    let layout = TopologyAugmentedSpace(
      stages: stages.count, lastNode: lastNode,
      longestSkip: try number("skips", in: 2...lastNode), module: module)
    var bits: [[Bool]] = []
    for stage in stages { bits.append(try Self.bits(stage, count: layout.optionalEdges)) }
    self.init(bits, of: layout)
  }

  private static func module(_ value: PythonValue) throws(TextError) -> EdgeModule {
    let known = EdgeModule.named
    guard let module = known.first(where: { $0.primitive.rawValue == value.word?.text }) else {
      let names = known.map(\.primitive.rawValue).joined(separator: ", ")
      throw TextError(place: value.place, expected: "one of \(names)")
    }
    return module
  }

  /// The bits of a stage, a string of so many digits.
  private static func bits(_ value: PythonValue, count: Int) throws(TextError) -> [Bool] {
    guard value.isString, let digits = value.word?.text, digits.unicodeScalars.count == count,
      digits.unicodeScalars.allSatisfy({ $0 == "0" || $0 == "1" })
    else {
      throw TextError(place: value.place, expected: "\(count) digits 0 or 1 in quotation marks")
    }
    return digits.unicodeScalars.map { $0 == "1" }
  }
}
