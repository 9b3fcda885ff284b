import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Spaces as their users may write them, with what is public.
@Suite("Spaces of one's own")
struct OwnSpaceTests {
  private struct Softmax: Relaxation {
    func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
      nestedSoftmax(logits, weights)
    }
  }

  private static let wide = Candidate("nor_conv_5x5") { stride in
    .chain([
      ModuleSpec(.relu, of: "nor_conv_5x5", role: "relu"),
      ModuleSpec(
        .convolution(Window(5, stride: stride), .dense, .own), of: "nor_conv_5x5", role: "conv"),
      ModuleSpec(.batchNorm, of: "nor_conv_5x5", role: "bn"),
    ])
  }

  /// NAS-Bench-201 with one more convolution.
  private static let wider = SearchSpace.nasBench201.adding(wide)

  /// A cell of two inputs and two nodes that are joined, in a network of one cell at each of three sizes.
  private static let small = SearchSpace(
    "small",
    candidates: [
      Candidate("nothing") { .module(ModuleSpec(.zero(stride: $0), of: "nothing")) }, wide,
      Candidate("max") { .module(ModuleSpec(.maxPool(Window(3, stride: $0)), of: "max")) },
    ], inputCount: 2, nodeCount: 4,
    edges: [(0, 2), (1, 2), (2, 3)].map { SearchSpace.Edge(source: $0, target: $1) },
    kinds: [("first", false), ("other", true)], output: .concatenation, preprocessesInputs: true,
    derivation: StrongestEdges(perNode: 1), macroStructure: Pyramid())

  private struct Pyramid: MacroStructure {
    var evaluationSize: NetworkSize { NetworkSize(channels: 8, cells: 3) }
    func addLayers(of size: NetworkSize, to plan: inout NetworkPlan) {
      plan.addStem(channels: size.channels)
      for index in 0..<size.cells {
        plan.addCell(kind: index == 0 ? 0 : 1, channels: size.channels << index)
        if size.hasAuxiliaryHead, index == 2 { plan.addAuxiliaryHead() }
      }
      plan.addClassifier()
    }
  }

  private static let spaces = [wider, small]
  private static let cellCounts = ["nasbench201_nor_conv_5x5": 1, "small": 3]

  private func cells(_ space: SearchSpace) -> Int { Self.cellCounts[space.name] ?? 0 }

  private func supernet(_ space: SearchSpace) -> CellSupernet<CellGenotype> {
    CellSupernet(
      space, channels: 4, cells: cells(space), classes: 5, seed: RandomGenerator(seed: 1))
  }

  private func count(_ parameters: [Parameter]) -> Int {
    parameters.reduce(0) { $0 + $1.value.shape.count }
  }

  @Test(arguments: spaces.indices, [false, true])
  func `a supernet trains, plain and simplified, and costs what the fold says`(
    _ index: Int, _ isSimplified: Bool
  ) {
    let plain = Self.spaces[index]
    let space = isSimplified ? Simplifier().simplify(plain) : plain
    let network = supernet(space)
    let all = network.architectureParameters + network.parameters
    let pass = ForwardPass(.training, differentiating: all)
    let scores = network(sample([3, 32, 32, 3]), Softmax(), in: pass)
    #expect(scores.shape == [3, 5] && scores.value.isFinite)
    for (parameter, gradient) in zip(
      all, pass.gradients(of: crossEntropy(scores, labels: [0, 1, 2])))
    {
      #expect(gradient.isFinite, "\(parameter.name)")
    }
    let cost = supernetCost(of: space, channels: 4, cells: cells(space), classes: 5)
    #expect(cost.parameters == count(network.parameters))
    #expect(cost.logits == count(network.architectureParameters))
  }

  @Test func `the wider convolution shares with the others`() {
    let steps = Simplifier().simplify(Self.wider.paths[0]).steps
    #expect(steps[0].operations == ["nor_conv_1x1", "nor_conv_3x3", "nor_conv_5x5"])
    let path = Simplifier().simplify(Self.wider.paths[0]).path
    #expect(
      path.modules.contains {
        "\($0)" == "conv 5x5 <- nor_conv_1x1.conv + nor_conv_3x3.conv + nor_conv_5x5.conv"
      })
  }

  @Test(arguments: spaces.indices)
  func `a genotype is derived, written, read, drawn as a graph, and trained`(_ index: Int) throws {
    let space = Self.spaces[index]
    let network = supernet(space)
    var generator = RandomGenerator(seed: 5)
    for alpha in network.alphas { alpha.value = .normal(alpha.value.shape, using: &generator) }
    let genotype = network.genotype
    #expect(try CellGenotype(parsing: genotype.description, of: space) == genotype)
    #expect(genotype.edgeCount == (space.name == "small" ? 4 : 6))
    #expect(genotype.cells.count == space.cells.count)
    let derived = DerivedNetwork(
      genotype, channels: 4, cells: cells(space), classes: 5, hasAuxiliaryHead: true,
      seed: RandomGenerator(seed: 1))
    let pass = ForwardPass(.training, differentiating: derived.parameters)
    let (scores, auxiliary) = derived(sample([3, 32, 32, 3]), in: pass)
    #expect((auxiliary != nil) == (space.name == "small"))
    #expect(scores.shape == [3, 5] && scores.value.isFinite)
    let gradients = pass.gradients(of: crossEntropy(scores, labels: [0, 1, 2]))
    #expect(gradients.allSatisfy { $0.isFinite })
    let cost = networkCost(
      of: genotype, channels: 4, cells: cells(space), classes: 5,
      auxiliary: space.name == "small")
    #expect(cost.parameters == count(derived.parameters))
  }

  @Test func `the texts of genotypes, and what is wrong with others`() throws {
    let text = "first(0->2 max, 2->3 nor_conv_5x5) other(1->2 nothing, 2->3 max)"
    let genotype = try CellGenotype(parsing: text, of: Self.small)
    #expect("\(genotype)" == text)
    #expect(
      genotype.cells[1].formulas == [
        "node 0 = nothing(c_{k-1})", "node 1 = max(node 0)",
        "c_{k} = concatenation(node 0, node 1)",
      ])
    #expect(genotype.cells[1].outputReach == nil, "nothing of the image comes through")
    #expect(genotype.skipCount == 0)
    func problem(_ text: String) -> GenotypeError? {
      do {
        _ = try CellGenotype(parsing: text, of: Self.small)
        return nil
      } catch { return error }
    }
    #expect(problem("first(0->3 max)")?.expected == "an edge of small")
    #expect(problem("first(0->3 max)")?.column == 7)
    #expect(problem("first(0->2 min)")?.expected == "one of nothing, nor_conv_5x5, max")
    #expect(problem("first() ")?.expected == "'o'")
    #expect(problem(text + " ")?.expected == "the end")
  }

  /// The general types compute what those of the two benchmark spaces do.
  @Test func `a genotype of NAS-Bench-201 in the general form is the same network`() {
    let cell = NASBench201Genotype(ordinal: 4321)
    let space = SearchSpace.nasBench201
    let general = CellGenotype(
      [zip(cell.operations, space.edges).map { CellGenotype.Connection($0, $1) }], of: space)
    let seed = RandomGenerator(seed: 3)
    let (a, b) = (
      NASBench201Network(cell, channels: 4, cellsPerStage: 1, classes: 10, seed: seed),
      DerivedNetwork(general, channels: 4, cells: 1, classes: 10, seed: seed)
    )
    let images = sample([2, 32, 32, 3])
    #expect(
      a(images, in: ForwardPass(.training)).scores.value
        == b(images, in: ForwardPass(.training)).scores.value)
    #expect(networkCost(of: cell) == networkCost(of: general))
    #expect(general.skipCount == cell.skipCount)
  }

  @Test func `a node that no edge leads to is zero`() {
    let genotype = CellGenotype(
      [[.init(.skipConnect, SearchSpace.Edge(source: 0, target: 3))]], of: .nasBench201)
    let network = DerivedNetwork(
      genotype, channels: 2, cells: 1, classes: 3, seed: RandomGenerator(seed: 1))
    #expect(network(sample([2, 32, 32, 3]), in: ForwardPass(.training)).scores.value.isFinite)
  }

  @Test func `spaces that make no sense are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = SearchSpace.nasBench201.adding(Candidate("a+b") { _ in .chain([Path]()) })
    }
    await #expect(processExitsWith: .failure) {
      _ = SearchSpace.nasBench201.adding(Candidate("none") { _ in .chain([Path]()) })
    }
    await #expect(processExitsWith: .failure) {
      _ = SearchSpace(
        "gap", candidates: [], nodeCount: 3, edges: [SearchSpace.Edge(source: 0, target: 2)],
        macroStructure: StagesOfCells())
    }
    await #expect(processExitsWith: .failure) {
      // Without preprocessing a cell cannot change the channels.
      _ = SearchSpace(
        "wide", candidates: [], nodeCount: 2, macroStructure: CellsWithReductions()
      ).plan(channels: 4, cells: 3)
    }
  }
}
