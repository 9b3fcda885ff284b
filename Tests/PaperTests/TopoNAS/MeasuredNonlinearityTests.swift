import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Non-linearity as a measurement: TS-3 and TS-9.
@Suite("TopoNAS: measured non-linearity")
struct TopoNASMeasuredNonlinearityTests {
  private let seed = RandomGenerator(seed: 3)

  private func module(_ kind: ModuleSpec.Kind) -> ModuleSpec {
    ModuleSpec(kind, of: "a", role: "m")
  }

  private func measured(_ path: Path, _ mode: NormalizationMode = .training)
    -> MeasuredNonlinearity
  {
    measuredNonlinearity(of: path, [4, 8, 8, 6], mode, seed: seed)
  }

  // MARK: TS-3

  @Test(
    arguments: [
      ModuleSpec.Kind.identity, .zero(), .zero(stride: 2), .averagePool(Window(3)),
      .convolution(Window(3, stride: 2), .dense, .own), .convolution(Window(1), .dense, .own),
      .convolution(Window(5, dilation: 2), .depthwise, .own), .factorizedReduction,
    ])
  func eqTS3_measuredLinearModulesDeviateByRoundingOnly(_ kind: ModuleSpec.Kind) {
    let deviation = measured(.module(module(kind)))
    #expect(deviation.additivity < 1e-4)
    #expect(deviation.homogeneity < 1e-4)
    #expect(deviation.linearity() == .linear)
  }

  @Test(arguments: [ModuleSpec.Kind.relu, .maxPool(Window(3)), .batchNorm])
  func eqTS3_measuredNonlinearModulesDeviateClearly(_ kind: ModuleSpec.Kind) {
    let deviation = measured(.module(module(kind)))
    #expect(deviation.additivity > 0.05)
    #expect(deviation.homogeneity > 0.05)
    #expect(deviation.affinity > 0.05)
  }

  @Test func eqTS3_measuredDeviationsOfABatchNormAreKnown() {
    // BN(2 x) = BN(x), so |BN(2 x) - 2 BN(x)| = |BN(2 x)|; of independent maps of equal variance
    // BN(x + y) = (BN(x) + BN(y)) / sqrt(2).
    let deviation = measured(.module(module(.batchNorm)))
    expectClose(deviation.homogeneity, 1, absolute: 1e-4)
    expectClose(deviation.additivity, 2.0.squareRoot() - 1, absolute: 0.1)
  }

  @Test(arguments: [NormalizationMode.training, .evaluation])
  func eqTS3_measuredAndSymbolicClassAgreeForEveryCandidate(_ mode: NormalizationMode) {
    let darts = SearchSpace.darts.primitives.flatMap { primitive in
      [1, 2].map { SearchSpace.dartsPath(primitive, stride: $0) }
    }
    for path in SearchSpace.nasBench201.primitives.map(SearchSpace.nasBench201Path) + darts {
      #expect(measured(path, mode).linearity() == linearity(of: path, in: mode), "\(path)")
    }
  }

  @Test func eqTS3_measuredEdgesAreNonlinearAsAWhole() {
    for space in [SearchSpace.nasBench201, .darts] {
      let path = space.paths[0]
      #expect(measured(path).linearity() == linearity(of: path))
      #expect(measured(Simplifier().simplify(path).path).linearity() == .nonlinear)
    }
  }

  @Test func eqTS3_measuredConstantOfABatchNormInEvaluation() {
    let deviation = measured(.module(module(.batchNorm)), .evaluation)
    #expect(deviation.linearity() == .affine)
    #expect(deviation.additivity > 0.05, "the running mean is taken off once, not twice")
    #expect(deviation.affinity < 1e-4)
  }

  @Test func eqTS3_measuredDeviationsFollowFromTheSeed() {
    let path = SearchSpace.nasBench201Path(.norConv3x3)
    #expect(measured(path).additivity == measured(path).additivity)
    let other = measuredNonlinearity(of: path, [4, 8, 8, 6], seed: RandomGenerator(seed: 4))
    #expect(measured(path).additivity != other.additivity)
  }

  // MARK: TS-9

  /// Convolutions of different size, with `others` in front and behind.
  private func pair(_ front: [ModuleSpec.Kind], _ behind: [ModuleSpec.Kind]) -> (Path, Path) {
    func path(_ name: String, _ kernel: Int) -> Path {
      let kinds = front + [.convolution(Window(kernel), .dense, .own)] + behind
      return .chain(kinds.enumerated().map { ModuleSpec($1, of: "\(name)", role: "m\($0)") })
    }
    return (path("one", 1), path("three", 3))
  }

  private func error(
    _ pair: (Path, Path), _ statistics: MixingStatistics = .ofTheBatch
  ) -> Double? { mixingError(of: pair.0, pair.1, [4, 8, 8, 6], statistics, seed: seed) }

  @Test func eqTS9_measuredMixingIsExactWithoutANonlinearModuleBehindTheConvolution() throws {
    for front in [[], [ModuleSpec.Kind.relu], [.relu, .batchNorm]] {
      #expect(try #require(error(pair(front, []))) < 1e-5)
    }
    #expect(try #require(error(pair([.relu], [.batchNorm]), .shared)) < 1e-5)
  }

  @Test func eqTS9_negative_evaluationIsExactOnlyWithEqualStatistics() throws {
    let nasBench201 = [Primitive.norConv1x1, .norConv3x3].map(SearchSpace.nasBench201Path)
    let dilated = [Primitive.dilConv3x3, .dilConv5x5].map { SearchSpace.dartsPath($0) }
    for paths in [nasBench201, dilated] {
      let pair = (paths[0], paths[1])
      #expect(try #require(error(pair, .own)) > 0.2)
      #expect(try #require(error(pair, .shared)) < 1e-5)
    }
  }

  @Test func eqTS9_measuredMixingIsWrongThroughBatchNorm() throws {
    #expect(try #require(error(pair([.relu], [.batchNorm]))) > 0.05)
  }

  @Test(
    arguments: [
      (Primitive.sepConv3x3, Primitive.sepConv5x5, 1), (.sepConv3x3, .sepConv5x5, 2),
      (.dilConv3x3, .dilConv5x5, 1), (.dilConv3x3, .dilConv5x5, 2),
    ])
  func eqTS9_measuredMixingIsWrongForOperationsOfDARTS(
    _ a: Primitive, _ b: Primitive, _ stride: Int
  ) throws {
    let paths = [a, b].map { SearchSpace.dartsPath($0, stride: stride) }
    #expect(try #require(error((paths[0], paths[1]))) > 0.05)
    // Without batch statistics only an inner ReLU and a second stage are in the way, which dil_conv has not.
    let evaluated = try #require(error((paths[0], paths[1]), .shared))
    if a == .sepConv3x3 { #expect(evaluated > 0.05) } else { #expect(evaluated < 1e-5) }
  }

  @Test func eqTS9_measuredMixingIsWrongForNASBench201() throws {
    let paths = [Primitive.norConv1x1, .norConv3x3].map(SearchSpace.nasBench201Path)
    #expect(try #require(error((paths[0], paths[1]))) > 0.05)
  }

  @Test func eqTS9_measured_negative_pairsThatShareNothingHaveNoNumber() {
    let names: [(Primitive, Primitive)] = [
      (.skipConnect, .none), (.sepConv3x3, .skipConnect), (.maxPool3x3, .avgPool3x3),
      (.sepConv3x3, .dilConv3x3),
    ]
    for (a, b) in names {
      #expect(error((SearchSpace.dartsPath(a), SearchSpace.dartsPath(b))) == nil)
    }
  }
}
