import SearchSpaces
import Tensors
import Testing

@Suite("DARTS genotypes")
struct DARTSGenotypeTests {
  private static let officialV1 = """
    Genotype(normal=[('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('skip_connect', 0), \
    ('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), \
    ('skip_connect', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), \
    ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 0), ('max_pool_3x3', 0), \
    ('skip_connect', 2), ('skip_connect', 2), ('avg_pool_3x3', 0)], reduce_concat=[2, 3, 4, 5])
    """
  private static let officialV2 = """
    Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), \
    ('sep_conv_3x3', 1), ('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), \
    ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], reduce=[('max_pool_3x3', 0), \
    ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), \
    ('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])
    """
  private static let nestedV2 = """
    Genotype(normal=[[('sep_conv_3x3', 0), ('sep_conv_3x3', 1)], [('sep_conv_3x3', 0), \
    ('sep_conv_3x3', 1)], [('sep_conv_3x3', 1), ('skip_connect', 0)], [('skip_connect', 0), \
    ('dil_conv_3x3', 2)]], normal_concat=range(2, 6), reduce=[[('max_pool_3x3', 0), \
    ('max_pool_3x3', 1)], [('skip_connect', 2), ('max_pool_3x3', 1)], [('max_pool_3x3', 0), \
    ('skip_connect', 2)], [('skip_connect', 2), ('max_pool_3x3', 1)]], reduce_concat=range(2, 6))
    """

  @Test(arguments: [(officialV1, DARTSGenotype.dartsV1), (officialV2, .dartsV2)])
  func `the published cells are written as their authors print them, and read back`(
    _ text: String, _ genotype: DARTSGenotype
  ) throws {
    #expect("\(genotype)" == text)
    #expect(try DARTSGenotype(parsing: text) == genotype)
  }

  @Test func `the nested text is read, too`() throws {
    #expect(try DARTSGenotype(parsing: Self.nestedV2) == .dartsV2)
    let nestedV1 =
      Self.nestedV2
      .replacing(
        "[('sep_conv_3x3', 0), ('sep_conv_3x3', 1)], [", with: "[('none', 1), ('none', 0)], [",
        maxReplacements: 1)
    let other = try DARTSGenotype(parsing: nestedV1)
    #expect(other.normal.connections.prefix(2).map(\.operation) == [.none, .none])
    #expect(other.normal.connections.prefix(2).map(\.source) == [1, 0])
  }

  @Test func `spaces between tokens are free, and both forms of the output in both texts`() throws {
    for text in [Self.officialV2, Self.nestedV2] {
      var spread = text
      for token in ["(", ")", "[", "]", ",", "="] {
        spread = spread.replacing(token, with: " \n\t\(token)  ")
      }
      #expect(try DARTSGenotype(parsing: spread + "\n") == .dartsV2)
      let dense = text.filter { $0 != " " }
      #expect(try DARTSGenotype(parsing: dense) == .dartsV2)
      let exchanged =
        text.contains("range")
        ? text.replacing("range(2, 6)", with: "[2, 3, 4, 5]")
        : text.replacing("[2, 3, 4, 5]", with: "range(2, 6)")
      #expect(try DARTSGenotype(parsing: exchanged) == .dartsV2)
    }
  }

  @Test func `some nodes only may make up the output`() throws {
    for (text, nodes) in [("[4, 5]", [4, 5]), ("[3]", [3]), ("range(3, 5)", [3, 4])] {
      let changed = Self.officialV1.replacing(
        "normal_concat=[2, 3, 4, 5]", with: "normal_concat=\(text)")
      let genotype = try DARTSGenotype(parsing: changed)
      #expect(genotype.normal.concatenated == nodes)
      #expect(genotype.reduction.concatenated == [2, 3, 4, 5])
      #expect(try DARTSGenotype(parsing: "\(genotype)") == genotype)
    }
  }

  @Test func `one source may serve a node twice`() throws {
    let text = Self.officialV1.replacing(
      "normal=[('sep_conv_3x3', 1)", with: "normal=[('sep_conv_3x3', 0)")
    let genotype = try DARTSGenotype(parsing: text)
    #expect(genotype.normal.connections(to: 2).map(\.source) == [0, 0])
  }

  /// What is replaced, by what, and how far into the replacement the error is.
  @Test(
    arguments: [
      ("('sep_conv_3x3', 1)", "('sep_conv_9x9', 1)", 2),
      ("('sep_conv_3x3', 1)", "('nor_conv_3x3', 1)", 2),
      ("('sep_conv_3x3', 1)", "(\"nor_conv_3x3\", 1)", 2), ("('sep_conv_3x3', 1)", "(4, 1)", 0),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3' 1)", 16),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3 ', 1)", 2),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', 2)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', -1)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', 1.5)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', 01)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', 99999999999999999999)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', None)", 17),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', )", 0),
      ("('sep_conv_3x3', 1)", "('sep_conv_3x3', 1, 'x')", 20),
      ("('skip_connect', 2)], normal_", "('skip_connect', 5)], normal_", 17),
      (", ('skip_connect', 2)], normal_", "], normal_", -19),
      ("('skip_connect', 2)], normal_", "('skip_connect', 2), ('none', 0)], normal_", 21),
      ("('skip_connect', 2)], normal_", "('skip_connect', 2), [('none', 0)]], normal_", 21),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=[]", 14),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=5", 14),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=[1, 3]", 15),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=[2, 6]", 18),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=[2, 2]", 18),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=range(2, 7)", 14),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=range(4, 4)", 14),
      ("normal_concat=[2, 3, 4, 5]", "normal_concat=range(6)", 14),
      (", reduce=[", ", reduction=[", -212), (", reduce=[", ", reduce=[[", 193),
      ("reduce_concat=[2, 3, 4, 5])", "reduce_concat=[2, 3, 4, 5]", 26),
      ("reduce_concat=[2, 3, 4, 5])", "reduce_concat=[2, 3, 4, 5], more=[1])", 33),
      ("reduce_concat=[2, 3, 4, 5])", "reduce_concat=[2, 3, 4, 5], [1])", 28),
    ])
  func `anything else is refused at its first wrong column`(
    _ original: String, _ replacement: String, _ offset: Int
  ) throws {
    let range = try #require(Self.officialV1.firstRange(of: original))
    let text = Self.officialV1.replacing(original, with: replacement, maxReplacements: 1)
    let start = Self.officialV1.distance(
      from: Self.officialV1.startIndex, to: range.lowerBound)
    do throws(GenotypeError) {
      let genotype = try DARTSGenotype(parsing: text)
      Issue.record("'\(replacement)' was read as \(genotype)")
    } catch {
      #expect(
        error.line == 1 && error.column == start + offset + 1, "\(replacement), \(start): \(error)")
    }
  }

  @Test func `an error says what was expected`() {
    func message(_ text: String) -> String {
      do throws(GenotypeError) { return "\(try DARTSGenotype(parsing: text))" } catch {
        return "\(error)"
      }
    }
    #expect(
      message("Genotype(normal=[('sep_conv_3x3', 2), ('none', 0)], reduce=[[('none', 0)]])")
        == "line 1, column 35: expected a source of node 2 from 0 to 1, found '2), ('none',' "
        + "(read as cells of DARTS)")
    #expect(
      message("Genotype([('sep_conv', 2)], [2], [], [])").hasPrefix(
        "line 1, column 13: expected one of none, max_pool_3x3, avg_pool_3x3, skip_connect, "))
  }

  // MARK: Other cells than those of a search

  @Test func `nodes can have any number of inputs`() throws {
    let text = """
      Genotype(normal=[[], [('skip_connect', 0)], [('none', 1), ('none', 1), ('sep_conv_7x7', 3)]], \
      normal_concat=[4, 2], reduce=(((('none', 0),),),), reduce_concat=None)
      """
    let genotype = try DARTSGenotype(parsing: text)
    #expect(genotype.normal.nodes.map(\.count) == [0, 1, 3])
    #expect(genotype.normal.concatenated == [4, 2])
    #expect(genotype.normal.connections(to: 4).map(\.source) == [1, 1, 3])
    #expect(
      genotype.normal.connections(to: 2).isEmpty && genotype.normal.connections(to: 9).isEmpty)
    #expect(genotype.reduction.nodes == [[.init(.none, from: 0)]])
    #expect(genotype.reduction.concatenated == [2])
    #expect(genotype.edgeCount == 5 && genotype.skipCount == 1)
    #expect(genotype.flatDescription == nil && genotype.description == genotype.nestedDescription)
    #expect(try DARTSGenotype(parsing: genotype.description) == genotype)
  }

  /// In cells of FairDARTS; a node without operations is none, as in its program.
  @Test func `connections can say their node`() throws {
    let text = """
      Genotype(normal=[('sep_conv_3x3', 2, 0), ('sep_conv_5x5', 2, 1), ('max_pool_3x3', 4, 0), \
      ('sep_conv_3x3', 5, 0)], normal_concat=range(2, 6), reduce=[('max_pool_3x3', 2, 0), \
      ('avg_pool_3x3', 2, 1), ('avg_pool_3x3', 3, 0), ('dil_conv_5x5', 3, 1), ('avg_pool_3x3', 4, 0), \
      ('sep_conv_5x5', 4, 1), ('skip_connect', 5, 0), ('skip_connect', 5, 1)], reduce_concat=range(2, 6))
      """
    let genotype = try DARTSGenotype(parsing: text)
    #expect(genotype == DARTSGenotype(published: "FairDARTS_a"))
    #expect(genotype.normal.concatenated == [2, 4, 5])
    let short = try DARTSGenotype(parsing: text.replacing(", ('sep_conv_3x3', 5, 0)]", with: "]"))
    #expect(short.normal.concatenated == [2, 4] && short.normal.nodes.count == 3)
  }

  @Test func `too many nodes or connections are refused`() {
    let pair = "('skip_connect', 0), ('none', 1), "
    for count in [65, 600] {
      let cell = "[\(String(repeating: pair, count: count))]"
      let many = count == 65 ? cell : "[\(cell)]"
      let error = #expect(throws: GenotypeError.self) {
        try DARTSGenotype(parsing: "Genotype(normal=\(many), reduce=\(many))")
      }
      #expect(error?.column == 17 && error?.expected.hasPrefix("1 to 64 nodes") == true)
    }
  }

  @Test func `published cells are read from their texts, and found by their names`() throws {
    for (name, _, genotype) in DARTSGenotype.published {
      #expect(try DARTSGenotype(parsing: genotype.description) == genotype)
      #expect(try DARTSGenotype(parsing: genotype.nestedDescription) == genotype)
      #expect(try DARTSGenotype(parsing: name) == genotype)
      #expect(DARTSGenotype(published: "x.\(name.uppercased())") == genotype)
    }
    #expect(DARTSGenotype(published: "PC-DARTS") == DARTSGenotype(published: "PC_DARTS_cifar"))
    for name in ["", "DARTS_V3", "the cell DARTS_V2"] {
      #expect(DARTSGenotype(published: name) == nil)
    }
    let nasNet = try #require(DARTSGenotype(published: "NASNet"))
    #expect(nasNet.normal.nodes.count == 5 && nasNet.reduction.concatenated == [4, 5, 6])
    #expect(nasNet.normal.connections(to: 5).map(\.source) == [0, 0])
  }

  @Test func `skip connections of both cells are counted`() {
    #expect(DARTSGenotype.dartsV1.normal.skipCount == 3)
    #expect(DARTSGenotype.dartsV1.skipCount == 6)
    #expect(DARTSGenotype.dartsV2.normal.skipCount == 2)
    #expect(DARTSGenotype.dartsV2.skipCount == 5)
  }

  @Test func `a cell that is none is refused`() async {
    await #expect(processExitsWith: .failure) { _ = DARTSGenotype.Cell([]) }
    await #expect(processExitsWith: .failure) {
      _ = DARTSGenotype.Cell([DARTSGenotype.Connection(.skipConnect, from: 0)])
    }
    await #expect(processExitsWith: .failure) {
      _ = DARTSGenotype.Cell(nodes: [[]], concatenated: [3])
    }
    await #expect(processExitsWith: .failure) {
      // Node 2 cannot read itself.
      _ = DARTSGenotype.Cell(
        Array(repeating: DARTSGenotype.Connection(.skipConnect, from: 2), count: 8))
    }
  }
}
