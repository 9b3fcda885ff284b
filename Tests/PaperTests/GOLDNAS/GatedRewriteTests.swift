import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Gates on simplified edges: on every candidate of DARTS, through every rewrite.
@Suite("GOLD-NAS: gates and rewrites")
struct GOLDNASGatedRewriteTests {
  private let space = SearchSpace.goldNAS(cells: 3, candidates: .ofDARTS)
  private var all: [Int] { Array(space.primitives.indices) }

  /// Simplifiers that take different steps.
  private static let simplifiers: [(name: String, Simplifier)] = [
    ("usual", Simplifier()), ("pairs", Simplifier(grouping: Grouping(.pairs))),
    ("pools too", Simplifier(grouping: Grouping(joinsPools: true))),
    ("parameter-free", Simplifier(grouping: Grouping(.parameterFree), floating: nil)),
    ("merging always", Simplifier(normalization: .none, merging: .always)),
    ("second stages apart", Simplifier(floating: nil)),
  ]

  /// The edges that differ: with all candidates at stride 1 and 2.
  private var edges: [MixedOperation] {
    [space.cells[0].operations[0], space.cells[1].operations[0]]
  }

  private func value(_ weight: ArchitectureWeight, _ logits: Tensor, closed: [Int] = []) -> Double {
    var cell = GatedCell(targets: [1], operations: all.count)
    var lowered = logits
    for gate in closed { lowered[gate] = -20 }
    cell.closeGates(lowered, minimumShare: closed.isEmpty ? 0 : 1e-6)
    return GateRelaxation([cell]).values(
      of: [EdgeWeight(edge: 0, weight: weight)], logits: .constant(lowered)
    ).value.doubles[0]
  }

  /// The weights of all leaves below `path`, factor by factor.
  private func leaves(
    _ path: Path, _ outer: [ArchitectureWeight]
  ) -> [(owners: [Primitive], factors: [ArchitectureWeight])] {
    switch path {
    case .choice(let branches): branches.flatMap { leaves($0.path, outer + [$0.weight]) }
    case .chain(let steps): steps.flatMap { leaves($0, outer) }
    case .module(let module):
      if case .convolution(_, _, .merged(let kernel)) = module.kind {
        kernel.parts.map { part in
          (part.weight.members.map { space.primitives[$0] }, outer + [part.weight])
        }
      } else {
        [(module.owners, outer)]
      }
    }
  }

  @Test(arguments: simplifiers.map(\.name))
  func eqB1_invariant_theFactorsOfEveryLeafMultiplyToItsGate(_ name: String) throws {
    let simplifier = try #require(Self.simplifiers.first { $0.name == name }).1
    let logits = sample([1, all.count], 3)
    let gates = logits.map(Elementary.sigmoid).doubles
    for closed in [[], [4]] {
      for edge in edges {
        var seen: Set<Int> = []
        for leaf in leaves(simplifier.simplify(edge.path).path, []) where leaf.owners.count == 1 {
          let gate = try #require(space.primitives.firstIndex(of: leaf.owners[0]))
          let product = leaf.factors.reduce(1) { $0 * value($1, logits, closed: closed) }
          expectClose(product, closed.contains(gate) ? 0 : gates[gate], absolute: 1e-6)
          seen.insert(gate)
        }
        #expect(seen.count == all.count, "a leaf of every candidate is left")
      }
    }
  }

  @Test(arguments: simplifiers.map(\.name))
  func eqB1_invariant_theWeightOfACandidateIsItsGate(_ name: String) throws {
    let simplifier = try #require(Self.simplifiers.first { $0.name == name }).1
    let logits = sample([1, all.count], 4)
    let gates = logits.map(Elementary.sigmoid).doubles
    for edge in edges {
      let weights = simplifier.simplify(edge).candidateWeights.map { value($0, logits) }
      expectClose(weights, gates)
    }
  }

  /// The value of an edge with some gates, the others closed.
  private func output(
    _ path: Path, open: Set<Int>, _ mode: ForwardPass.Mode = .training
  ) -> (fused: Tensor, plain: Tensor) {
    var cell = GatedCell(targets: [1], operations: all.count)
    let logits = Tensor(
      all.map { open.contains($0) ? 0.3 + 0.2 * Scalar($0) : -20 }, shape: [1, all.count])
    cell.closeGates(logits, minimumShare: 1e-6)
    let architecture = RelaxedArchitecture(
      logits: .constant(logits), relaxation: GateRelaxation([cell]))
    func network() -> PathNetwork {
      let network = PathNetwork(path, channels: 4, name: "e", seed: RandomGenerator(seed: 1))
      // Shared pointwise convolutions have a weight of their own, so all have the same here.
      for parameter in network.parameters where parameter.value.shape == [4, 1, 1, 4] {
        parameter.value = sample([4, 1, 1, 4], 9)
      }
      return network
    }
    let x = Variable.constant(sample([3, 8, 8, 4], 5))
    return (
      network()(x, architecture, in: ForwardPass(mode)).value,
      network().plainValue(x, architecture, in: ForwardPass(mode)).value
    )
  }

  /// With one open gate the rewrites are exact: the output is the gate times the operation, not the operation alone.
  @Test(arguments: [0, 1])
  func eqB1_limit_withASingleGateASimplifiedEdgeIsThePlainOne(_ edge: Int) {
    let simplifier = Simplifier(normalization: .none)
    let before = edges[edge].path
    let (after, steps) = simplifier.simplify(before)
    #expect(!steps.isEmpty && steps.allSatisfy { $0.exactness <= .atOneHotWeights })
    for gate in all {
      let (plain, simplified) = (output(before, open: [gate]), output(after, open: [gate]))
      expectClose(simplified.fused, plain.fused, absolute: 2e-3)
      expectClose(simplified.plain, plain.plain, absolute: 2e-3)
      #expect(plain.fused.doubles.contains { abs($0) > 0.1 })
    }
  }

  /// What is exact everywhere is so for any gates, which do not add up to 1.
  @Test(arguments: [0, 1])
  func eqB1_aStepThatIsExactEverywhereIsSoForAnyGates(_ edge: Int) {
    let simplifier = Simplifier(grouping: Grouping(.parameterFree), floating: nil)
    let before = edges[edge].path
    let exact = simplifier.simplify(before).steps.prefix { $0.exactness == .everywhere }
    #expect(!exact.isEmpty)
    for open in [Set(all), [0, 3, 4], [2, 5, 6]] {
      let plain = output(before, open: open)
      for step in exact {
        let simplified = output(step.path, open: open)
        expectClose(simplified.fused, plain.fused, absolute: 1e-4)
        expectClose(simplified.plain, plain.plain, absolute: 1e-4)
      }
    }
  }

  /// Shares would lose the amplitude: gates of a group do not add up to 1.
  @Test func eqB1_negative_aGroupIsNotWeighedByItsShare() {
    let logits = sample([1, all.count], 6)
    let gates = logits.map(Elementary.sigmoid).doubles
    let group = value(ArchitectureWeight([3, 4], within: all), logits)
    expectClose(group, gates[3] + gates[4])
    #expect(abs(group - (gates[3] + gates[4]) / gates.reduce(0, +)) > 0.1)
  }
}
