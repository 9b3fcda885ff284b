import SearchSpaces
import Testing

/// Derived cells as graphs, and what reaches their nodes.
@Suite("Graphs of derived cells")
struct CellGraphTests {
  private func cell(_ text: String) throws -> CellGraph {
    try NASBench201Genotype(parsing: text).cells[0]
  }

  @Test func `the formulas of a cell name every connection`() throws {
    let text = "|skip_connect~0|+|none~0|nor_conv_3x3~1|+|avg_pool_3x3~0|nor_conv_1x1~1|none~2|"
    #expect(
      try cell(text).formulas == [
        "node 1 = skip_connect(node 0)",
        "node 2 = none(node 0) + nor_conv_3x3(node 1)",
        "node 3 = avg_pool_3x3(node 0) + nor_conv_1x1(node 1) + none(node 2)",
      ])
    #expect(
      DARTSGenotype.dartsV1.cells[0].formulas == [
        "node 0 = sep_conv_3x3(c_{k-1}) + sep_conv_3x3(c_{k-2})",
        "node 1 = skip_connect(c_{k-2}) + sep_conv_3x3(c_{k-1})",
        "node 2 = skip_connect(c_{k-2}) + sep_conv_3x3(c_{k-1})",
        "node 3 = sep_conv_3x3(c_{k-2}) + skip_connect(node 0)",
        "c_{k} = concatenation(node 0, node 1, node 2, node 3)",
      ])
  }

  @Test func `a cell with five nodes, and one with an empty node`() throws {
    let cells = try #require(DARTSGenotype(published: "NASNet")).cells
    #expect(cells.map(\.nodes.count) == [8, 8] && cells[0].nodes[7].column == 6)
    #expect(
      cells[1].formulas == [
        "node 0 = sep_conv_5x5(c_{k-1}) + sep_conv_7x7(c_{k-2})",
        "node 1 = max_pool_3x3(c_{k-1}) + sep_conv_7x7(c_{k-2})",
        "node 2 = avg_pool_3x3(c_{k-1}) + sep_conv_5x5(c_{k-2})",
        "node 3 = skip_connect(node 1) + avg_pool_3x3(node 0)",
        "node 4 = sep_conv_3x3(node 0) + max_pool_3x3(c_{k-1})",
        "c_{k} = concatenation(node 2, node 3, node 4)",
      ])
    // One window of 7 along each axis.
    let strips = DARTSGenotype.Cell(nodes: [[.init(.conv7x1And1x7, from: 0)]]).graph(kind: 1)
    #expect(strips.reaches[2]?.field == 7 && strips.reaches[2]?.jump == 2)
    // Two windows of 7, the first of stride 2, then pooling of 3: 1 + 6 + 2 * 6 + 2 * 2.
    #expect(cells[1].reaches[5]?.field == 23)
    let empty = DARTSGenotype.Cell(
      nodes: [[], [.init(.sepConv3x3, from: 2)]], concatenated: [2, 3]
    ).graph(kind: 1)
    #expect(
      empty.formulas == [
        "node 0 = 0", "node 1 = sep_conv_3x3(node 0)", "c_{k} = concatenation(node 0, node 1)",
      ])
    #expect(empty.outputReach == nil && empty.idleEdges.map(empty.term) == ["sep_conv_3x3(node 0)"])
  }

  @Test func `a chain of three convolutions sees seven pixels`() throws {
    let graph = try cell(
      "|nor_conv_3x3~0|+|none~0|nor_conv_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|")
    let reach = try #require(graph.outputReach)
    #expect(reach.operations == 3 && reach.weighted == 3)
    #expect(reach.field == 7 && reach.jump == 1)
    #expect(graph.reaches.map { $0?.field } == [1, 3, 5, 7])
    #expect(graph.idleEdges.isEmpty)
  }

  @Test func `skips and 1x1 convolutions see one pixel, pools have no weights`() throws {
    let graph = try cell(
      "|nor_conv_1x1~0|+|none~0|skip_connect~1|+|none~0|none~1|avg_pool_3x3~2|")
    let reach = try #require(graph.outputReach)
    #expect(reach.operations == 3 && reach.weighted == 1 && reach.field == 3)
    #expect(graph.reaches[2]?.field == 1)
  }

  @Test func `what nothing reaches, and what reaches nothing, is idle`() throws {
    // Node 1 gets nothing; node 2 leads nowhere.
    let graph = try cell(
      "|none~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|nor_conv_1x1~1|none~2|")
    #expect(graph.reaches[1] == nil && graph.reaches[2] != nil)
    #expect(
      graph.idleEdges.map(graph.term) == [
        "nor_conv_3x3(node 0)", "skip_connect(node 1)", "nor_conv_1x1(node 1)",
      ])
    #expect(graph.outputReach?.operations == 1)
    let empty = NASBench201Genotype(Array(repeating: .none, count: 6)).cells[0]
    #expect(empty.outputReach == nil && empty.idleEdges.isEmpty)
  }

  @Test func `the receptive fields of DARTS cells by hand`() throws {
    let all = { (operation: Primitive) in
      DARTSGenotype.Cell(
        (2...5).flatMap { _ in [0, 1].map { DARTSGenotype.Connection(operation, from: $0) } })
    }
    let field = { (operation: Primitive, isReduction: Bool) in
      all(operation).graph(kind: isReduction ? 1 : 0).outputReach?.field
    }
    // Two windows of 3 see 5 pixels, two of 5 see 9; dilation 2 doubles the reach.
    #expect(field(.sepConv3x3, false) == 5 && field(.sepConv5x5, false) == 9)
    #expect(field(.dilConv3x3, false) == 5 && field(.dilConv5x5, false) == 9)
    #expect(field(.maxPool3x3, false) == 3 && field(.skipConnect, false) == 1)
    // The second window of a stride of 2 counts twice.
    #expect(field(.sepConv3x3, true) == 7 && field(.sepConv5x5, true) == 13)
    #expect(field(.skipConnect, true) == 2 && field(.dilConv3x3, true) == 5)
    let normal = try #require(DARTSGenotype.dartsV1.cells[0].outputReach)
    #expect(normal.jump == 1 && normal.operations == 2 && normal.weighted == 1)
    #expect(DARTSGenotype.dartsV1.cells[1].outputReach?.jump == 2)
  }
}
