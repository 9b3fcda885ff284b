import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The model of non-linearity, TS-1 to TS-4 and TS-9.
@Suite("TopoNAS: non-linearity")
struct TopoNASNonlinearityTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private func module(_ kind: ModuleSpec.Kind) -> ModuleSpec { ModuleSpec(kind, of: "m") }

  private func value(_ path: Path, _ x: Tensor, mode: ForwardPass.Mode = .training) -> Tensor {
    PathNetwork(path, channels: x.shape.channels, name: "e", seed: RandomGenerator(seed: 2))(
      .constant(x), nil, in: ForwardPass(mode)
    ).value
  }

  @Test func eqTS1_weightsOfAnEdgeAreASoftmax() {
    let logits = sample([1, 5])
    let all = [0, 1, 2, 3, 4]
    let weights = all.map { EdgeWeight(edge: 0, weight: ArchitectureWeight([$0], within: all)) }
    expectClose(
      nestedSoftmax(.constant(logits), weights).value, logits.softmax().reshaped(to: [5]))
    expectGradients(at: [logits]) { nestedSoftmax($0[0], weights) }
  }

  @Test func eqTS1_negative_edgesAndCandidatesAreNotMixedUp() {
    let logits = sample([3, 2])
    let weights = [EdgeWeight(edge: 1, weight: ArchitectureWeight([0], within: [0, 1]))]
    let value = nestedSoftmax(.constant(logits), weights).item
    expectClose(value, logits.softmax()[2])
    let overEdges = Elementary.exp(logits[2] - logSumExp([logits[0], logits[2], logits[4]]))
    #expect(abs(value - overEdges) > 0.01, "the softmax runs over candidates")
  }

  @Test func eqTS1_limit_atAVertexTheEdgeIsOneCandidate() {
    let x = sample([2, 5, 5, 4])
    let candidates = [module(.averagePool(Window(3))), module(.relu), module(.identity)].map {
      Path.module($0)
    }
    for hot in 0..<3 {
      var logits = Tensor.zeros([1, 3])
      logits[hot] = 60
      let weights = RelaxedArchitecture(
        logits: .constant(logits), relaxation: SoftmaxRelaxation())
      let edge = PathNetwork(
        MixedOperation(candidates).path, channels: 4, name: "e", seed: RandomGenerator(seed: 2))
      let y = edge(.constant(x), weights, in: ForwardPass(.training)).value
      expectClose(y, value(candidates[hot], x), absolute: 1e-6, "candidate \(hot)")
    }
  }

  @Test func eqTS2_modulesApplyFirstToLast() {
    let x = sample([2, 5, 5, 4])
    let pool = module(.averagePool(Window(3)))
    let relu = module(.relu)
    expectClose(value(.chain([pool, relu]), x), Naive.averagePooling(x, Window(3)).relu())
    #expect(
      largestDifference(value(.chain([pool, relu]), x), value(.chain([relu, pool]), x)) > 0.05)
  }

  @Test func eqTS2_limit_anEmptyChainIsTheIdentity() {
    let x = sample([2, 5, 5, 4])
    #expect(value(.chain([ModuleSpec]()), x) == x)
  }

  @Test(
    arguments: [
      (ModuleSpec.Kind.identity, LinearityClass.linear), (.zero(), .linear),
      (.zero(stride: 2), .linear), (.factorizedReduction, .linear),
      (.convolution(Window(3, stride: 2), .dense, .own), .linear),
      (.convolution(Window(3, dilation: 2), .depthwise, .own), .linear),
      (.averagePool(Window(3)), .linear), (.batchNorm, .nonlinear), (.relu, .nonlinear),
      (.maxPool(Window(3)), .nonlinear),
    ])
  func eqTS3_classesAgreeWithMeasuredAdditivity(_ kind: ModuleSpec.Kind, _ expected: LinearityClass)
  {
    #expect(linearity(of: module(kind)) == expected)
    let (x, y) = (sample([2, 6, 6, 5], 1), sample([2, 6, 6, 5], 2))
    let path = Path.module(module(kind))
    let deviation = largestDifference(
      value(path, 2 * x + y), 2 * value(path, x) + value(path, y))
    if expected == .linear { #expect(deviation < 1e-4) } else { #expect(deviation > 0.1) }
  }

  @Test func eqTS3_batchNormInEvaluationIsAffine() {
    #expect(linearity(of: module(.batchNorm), in: .evaluation) == .affine)
    // f(x) + f(y) = f(x + y) + f(0) characterizes affine maps.
    let bn = BatchNorm("bn", channels: 5, affine: false)
    bn.buffers[0].value = Tensor(repeating: 0.7, shape: [5])
    let (x, y) = (sample([2, 6, 6, 5], 1), sample([2, 6, 6, 5], 2))
    func f(_ x: Tensor) -> Tensor { bn(.constant(x), in: ForwardPass(.evaluation)).value }
    expectClose(f(x) + f(y), f(x + y) + f(.zeros(x.shape)))
    #expect(largestDifference(f(x) + f(y), f(x + y)) > 0.1, "not linear")
  }

  @Test func eqTS3_signaturesTellGeometryAndNotWeights() {
    let kinds: [ModuleSpec.Kind] = [
      .convolution(Window(1), .dense, .own), .convolution(Window(3), .dense, .own),
      .convolution(Window(3, stride: 2), .dense, .own),
      .convolution(Window(3, dilation: 2), .dense, .own),
      .convolution(Window(3), .depthwise, .own), .convolution(Window(5), .depthwise, .own),
      .averagePool(Window(3)), .maxPool(Window(3)), .batchNorm, .relu, .identity, .zero(),
    ]
    #expect(Set(kinds.map { module($0).signature }).count == kinds.count)
    #expect(
      ModuleSpec(kinds[1], of: "a").signature == ModuleSpec(kinds[1], of: "b").signature)
  }

  @Test func eqTS4_chainsOfTheCandidates() {
    let chains = SearchSpace.nasBench201.primitives.map {
      SearchSpace.nasBench201Path($0).modules.map(\.signature)
    }
    #expect(
      chains == [
        ["zero"], ["identity"], ["ReLU", "PW 1x1", "BN"], ["ReLU", "conv 3x3", "BN"],
        ["avg pool 3x3"],
      ])
  }

  @Test(arguments: [1, 2]) func eqTS4_chainsOfTheCandidatesOfDARTS(_ stride: Int) {
    let s = stride == 1 ? "" : " stride 2"
    func separable(_ k: Int) -> [String] {
      ["ReLU", "DW \(k)x\(k)\(s)", "PW 1x1", "BN", "ReLU", "DW \(k)x\(k)", "PW 1x1", "BN"]
    }
    func dilated(_ k: Int) -> [String] {
      ["ReLU", "DW \(k)x\(k)\(s) dilation 2", "PW 1x1", "BN"]
    }
    let skip = stride == 1 ? ["identity"] : ["ReLU", "factorized reduction", "BN"]
    #expect(
      SearchSpace.darts.primitives.map {
        SearchSpace.dartsPath($0, stride: stride).modules.map(\.signature)
      } == [
        ["zero\(s)"], ["max pool 3x3\(s)", "BN"], ["avg pool 3x3\(s)", "BN"], skip, separable(3),
        separable(5), dilated(3), dilated(5),
      ])
  }

  /// Only the edges from the two inputs of a reduction cell halve the image.
  @Test func eqTS4_negative_notEveryEdgeOfAReductionCellHasStrideTwo() {
    let cells = SearchSpace.darts.cells
    func halves(_ path: Path) -> Bool {
      path.modules.contains { $0.signature.contains("stride 2") }
    }
    #expect(!cells[0].operations.contains { halves($0.path) })
    #expect(
      cells[1].operations.map { halves($0.path) } == SearchSpace.darts.edges.map { $0.source < 2 })
  }

  @Test func eqTS9_theFirstObstacleOfEachCandidate() {
    func obstacle(_ primitive: Primitive, _ mode: NormalizationMode = .training) -> String? {
      firstObstacle(in: SearchSpace.nasBench201Path(primitive), mode)
        .map { "\($0.index) \($0.module.signature)" }
    }
    #expect(obstacle(.norConv3x3) == "2 BN", "the ReLU in front only changes the input")
    #expect(obstacle(.norConv3x3, .evaluation) == nil)
    #expect(obstacle(.skipConnect) == nil && obstacle(.avgPool3x3) == nil)
    let conv = module(.convolution(Window(3), .dense, .own))
    let stacked = Path.chain([conv, module(.relu), conv])
    #expect(firstObstacle(in: stacked, .evaluation)?.index == 1, "an inner ReLU, whatever the mode")
    #expect(linearity(of: SearchSpace.nasBench201.paths[0]) == .nonlinear)
  }

  /// phi is the ReLU behind two convolutions, whose kernels are merged in front of it.
  @Test func eqTS9_limit_atAVertexNothingIsMixed() {
    let plain = MixedOperation(
      [("a", 1), ("b", 3)].map { name, k in
        .chain([
          ModuleSpec(.convolution(Window(k), .dense, .own), of: "\(name)", role: "conv"),
          ModuleSpec(.relu, of: "\(name)", role: "relu"),
        ])
      }
    ).path
    let merged = Simplifier().simplify(plain).path
    #expect(merged.modules.map(\.signature) == ["conv 3x3", "ReLU"])
    func difference(_ logits: Tensor) -> Double {
      let values = [plain, merged].map { path in
        PathNetwork(path, channels: 4, name: "e", seed: RandomGenerator(seed: 2))(
          .constant(sample([2, 5, 5, 4], 1)),
          RelaxedArchitecture(logits: .constant(logits), relaxation: SoftmaxRelaxation()),
          in: ForwardPass(.training)
        ).value
      }
      return largestDifference(values[0], values[1])
    }
    for vertex in [[60, 0], [0, 60]] as [[Scalar]] {
      #expect(difference(Tensor(vertex, shape: [1, 2])) < 1e-5)
    }
    #expect(difference(.zeros([1, 2])) > 0.1)
  }

  @Test func eqTS9_mergingThroughReLUOrBatchNormIsInvalid() throws {
    let test = try golden["invalid-merge"]
    let x = try test.tensor("input")
    let p = try test.vector("weights").map { Scalar($0) }
    #expect(try test.scalar("bnEps") == 1e-5, "the default of Normalization")
    let branches = [
      Naive.convolution(x, try test.tensor("kernel1"), Window(1)),
      Naive.convolution(x, try test.tensor("kernel3"), Window(3)),
    ]
    func normalized(_ z: Tensor) -> Tensor {
      batchNorm(.constant(z), Normalization(of: z)).value
    }
    let mixed = p[0] * branches[0] + p[1] * branches[1]
    let sumOfNorms = p[0] * normalized(branches[0]) + p[1] * normalized(branches[1])
    try expectGolden(sumOfNorms, test, "sumOfBatchNorms", slack: 10)
    try expectGolden(normalized(mixed), test, "batchNormOfSum", slack: 10)
    expectClose(
      largestDifference(sumOfNorms, normalized(mixed)), try test.scalar("maxDifferenceBatchNorm"),
      absolute: 1e-4)
    let sumOfReLUs = p[0] * branches[0].relu() + p[1] * branches[1].relu()
    expectClose(
      largestDifference(sumOfReLUs, mixed.relu()), try test.scalar("maxDifferenceRelu"),
      absolute: 1e-4)
  }
}
