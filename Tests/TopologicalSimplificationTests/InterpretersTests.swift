import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchSpaces

/// The plain interpreter is the definition; the fused one computes the same, values and gradients.
@Suite("Two interpreters of paths")
struct InterpretersTests {
  private static let channels = 4
  private static let edges: [String: Path] = [
    "nasbench201": SearchSpace.nasBench201.cells[0].operations[0].path,
    "darts": SearchSpace.darts.cells[0].operations[0].path,
    "darts, stride 2": SearchSpace.darts.cells[1].operations[0].path,
  ]

  /// Whose gradients a pass asks for; it decides which forms the fused interpreter takes.
  enum Wanted: CaseIterable {
    case weights, alpha, everything
  }

  private struct Softmax: Relaxation {
    func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
      nestedSoftmax(logits, weights)
    }
  }

  /// A way to compute some edges that leave one node and enter another.
  private typealias Interpreter =
    ([PathNetwork], Variable, RelaxedArchitecture, ForwardPass) -> Variable

  /// Edge by edge.
  private static func plain(
    _ edges: [PathNetwork], _ x: Variable, _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    sum(edges.indices.map { edges[$0].plainValue(x, weights, edge: $0, in: pass) })
  }

  /// Edge by edge.
  private static func fused(
    _ edges: [PathNetwork], _ x: Variable, _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    sum(edges.indices.map { edges[$0](x, weights, edge: $0, in: pass) })
  }

  /// In one mixture, as cells do: the edges share their input's pools.
  private static func node(
    _ edges: [PathNetwork], _ x: Variable, _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    let input = PathInput(x)
    let summands = edges.indices.flatMap { index in
      let run = PathNetwork.Run(pass: pass, architecture: weights, edge: index)
      return edges[index].summands(input, run).map {
        (EdgeWeight(edge: index, weight: $0.weight), $0.summand)
      }
    }
    return mixture(
      summands.map(\.1),
      weights: weights.values(of: summands.map(\.0), times: summands.map { _ in 1 }))
  }

  /// The same, with the merged kernels before the map, as in a supernet: backward all convolutions of the map share a pass.
  private static func kernelsFirst(
    _ edges: [PathNetwork], _ x: Variable, _ weights: RelaxedArchitecture, _ pass: ForwardPass
  ) -> Variable {
    for (index, edge) in edges.enumerated() {
      edge.computeMergedKernels(.init(pass: pass, architecture: weights, edge: index))
    }
    let known = weights.kernelCount
    let y = node(edges, sum([x, .constant(.zeros(x.shape))]), weights, pass)
    #expect(weights.kernelCount == known, "no merged kernel came too late")
    return y
  }

  private static func sum(_ parts: [Variable]) -> Variable { mixture(parts.map(Summand.identity)) }

  /// The value, the gradients that are wanted, and the running statistics after the pass.
  private func outcome(
    _ path: Path, _ columns: Int, _ wanted: Wanted, _ mode: ForwardPass.Mode, affine: Bool,
    _ interpreter: Interpreter
  ) -> [(name: String, value: Tensor)] {
    let edges = ["a", "b"].map {
      PathNetwork(
        path, channels: Self.channels, affine: affine, name: $0, seed: RandomGenerator(seed: 4))
    }
    let x = Parameter("x", sampleAwayFromZero([3, 6, 6, Self.channels], 1))
    let alpha = Parameter("alpha", sample([2, columns], 2))
    let weights = edges.flatMap(\.parameters)
    let parameters =
      switch wanted {
      case .weights: [x] + weights
      case .alpha: [x, alpha]
      case .everything: [x, alpha] + weights
      }
    let pass = ForwardPass(mode, differentiating: parameters)
    let relaxed = RelaxedArchitecture(logits: pass.variable(alpha), relaxation: Softmax())
    let y = interpreter(edges, pass.variable(x), relaxed, pass)
    let loss = Autodiff.sum(y * .constant(sample(y.shape, 3)))
    // A path of zeros depends on nothing, and has no gradients.
    let gradients = loss.isTracked ? pass.gradients(of: loss) : []
    return [("value", y.value)]
      + zip(parameters, gradients).map { ("gradient of \($0.name)", $1) }
      + edges.flatMap(\.buffers).map { ($0.name, $0.value) }
  }

  private func expectEqual(
    _ path: Path, columns: Int, affine: Bool = false, _ what: String
  ) {
    for wanted in Wanted.allCases {
      for mode in [ForwardPass.Mode.training, .evaluation] {
        func outcome(_ interpreter: Interpreter) -> [(name: String, value: Tensor)] {
          self.outcome(path, columns, wanted, mode, affine: affine, interpreter)
        }
        let expected = outcome(Self.plain)
        for (form, interpreter) in [
          ("fused", Self.fused), ("node", Self.node), ("kernels first", Self.kernelsFirst),
        ] {
          for (a, b) in zip(outcome(interpreter), expected) {
            let size = max(1, b.value.doubles.map(abs).max() ?? 0)
            expectClose(
              a.value, b.value, absolute: (isDoublePrecision ? 1e-11 : 2e-5) * size, relative: 0,
              "\(what), \(form), \(wanted), \(mode): \(b.name)")
          }
        }
      }
    }
  }

  @Test(arguments: edges.keys.sorted())
  func `plain edges`(_ name: String) throws {
    let path = try #require(Self.edges[name])
    expectEqual(path, columns: 8, name)
  }

  /// Every different path that the options of a simplifier lead to.
  @Test(arguments: edges.keys.sorted(), KernelNormalization.allCases)
  func `simplified edges, all variants`(
    _ name: String, _ normalization: KernelNormalization
  ) throws {
    let edge = MixedOperation(try #require(Self.edges[name]?.branches).map(\.path))
    var seen: Set<String> = []
    for simplifier in Self.simplifiers(normalization) {
      let simplified = simplifier.simplify(edge)
      guard seen.insert("\(simplified.path)").inserted else { continue }
      expectEqual(
        simplified.path, columns: simplified.initialLogits.count, "\(name), \(simplifier)")
    }
    #expect(seen.count >= (name == "nasbench201" ? 2 : 10), "variants differ")
  }

  private static func simplifiers(_ normalization: KernelNormalization) -> [Simplifier] {
    let groupings = Grouping.Variant.allCases.flatMap { variant in
      [false, true].map { Grouping(variant, joinsPools: $0) }
    }
    let floats: [FloatingModuleSharing?] = [nil] + FloatingModuleSharing.allCases
    return groupings.flatMap { grouping in
      floats.flatMap { floating in
        [MergeRule.whereItPays, .always].flatMap { merging in
          // The sums of FMS-B cannot both have logits of their own.
          NestedWeights.allCases.filter { $0 == .derived || floating != .block }.map {
            Simplifier(
              grouping: grouping, floating: floating, normalization: normalization,
              merging: merging, weights: $0)
          }
        }
      }
    }
  }

  @Test func `operations of derived cells, whose batch norms have gain and bias`() {
    for primitive in SearchSpace.nasBench201.primitives where primitive != .none {
      expectEqual(
        SearchSpace.nasBench201Path(primitive), columns: 1, affine: true, primitive.rawValue)
    }
    for primitive in SearchSpace.darts.primitives where primitive != .none {
      for stride in [1, 2] {
        expectEqual(
          SearchSpace.dartsDerivedPath(primitive, stride: stride), columns: 1, affine: true,
          "\(primitive.rawValue), stride \(stride)")
      }
    }
  }

  @Test func `a path of zeros, and no path at all`() {
    let x = Variable.constant(sample([2, 6, 6, Self.channels], 5))
    func value(_ path: Path) -> Tensor {
      PathNetwork(path, channels: Self.channels, name: "e", seed: RandomGenerator(seed: 1))
        .plainValue(x, nil, in: ForwardPass(.training)).value
    }
    #expect(value(SearchSpace.dartsPath(.none, stride: 2)) == .zeros([2, 3, 3, Self.channels]))
    #expect(value(.chain([Path]())) == x.value)
  }

  /// GDAS samples one operation; the fused interpreter evaluates no other.
  @Test func `weights of 0`() throws {
    struct OneHot: Relaxation {
      var yieldsZeros: Bool { true }
      func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
        .constant(
          Tensor(
            weights.map { $0.weight.members.contains(3) ? 1 : 0 }, shape: [weights.count]))
      }
    }
    let edge = PathNetwork(
      try #require(Self.edges["nasbench201"]), channels: Self.channels, name: "e",
      seed: RandomGenerator(seed: 1))
    let x = Variable.constant(sample([2, 6, 6, Self.channels], 5))
    let weights = RelaxedArchitecture(logits: .constant(.zeros([1, 5])), relaxation: OneHot())
    let (plain, fused) = (
      edge.plainValue(x, weights, in: ForwardPass(.training)),
      edge(x, weights, in: ForwardPass(.training))
    )
    expectClose(fused.value, plain.value)
  }
}

extension Path {
  fileprivate var branches: [Branch]? {
    if case .choice(let branches) = self { branches } else { nil }
  }
}
