import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// The variants of kernel normalization, TS-27, and its limit, TS-28.
@Suite("TopoNAS: variants of kernel normalization")
struct TopoNASKernelNormalizationVariantsTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private func apply(_ normalization: KernelNormalization, _ w: Tensor) -> Tensor {
    normalization(.constant(w)).value
  }

  // MARK: TS-27

  @Test func eqTS27_golden() throws {
    let test = try golden["kernel-normalization-variants"]
    let w = try test.tensor("kernel3")
    try expectGolden(apply(.standardized, w), test, "kn2")
    try expectGolden(apply(.frobenius, w), test, "kn3")
    #expect(apply(.none, w) == w)
    #expect(apply(.sharedGain, w) == apply(.unitNorm, w))
  }

  @Test(arguments: [KernelNormalization.unitNorm, .standardized, .frobenius])
  func eqTS27_invariant_theScaleOfAKernelDoesNotMatter(_ normalization: KernelNormalization) {
    let w = sample([4, 3, 3, 5])
    expectClose(apply(normalization, 7 * w), apply(normalization, w))
  }

  @Test func eqTS27_aFrobeniusKernelIsAsLongAsSoManyUnitChannels() {
    let w = apply(.frobenius, 3 * sample([4, 3, 3, 5]))
    expectClose(w.dot(w), 4)
    let unit = apply(.unitNorm, 3 * sample([4, 3, 3, 5]))
    expectClose(unit.dot(unit), 4)
  }

  @Test(arguments: KernelNormalization.allCases)
  func eqTS27_gradients(_ normalization: KernelNormalization) {
    expectGradients(at: [sample([3, 3, 3, 2])]) { normalization($0[0]) }
  }

  @Test func eqTS27_gradientOfTheSharedGain() {
    expectGradients(at: [sample([3, 3, 3, 2], 1), sample([3], 2)]) {
      scaledKernel($0[0], by: $0[1])
    }
  }

  @Test func eqTS27_limit_kernelsOfMeanZeroAreOnlyScaled() {
    let centered = centeredKernel(.constant(sample([4, 3, 3, 5]))).value
    expectClose(apply(.standardized, centered), apply(.unitNorm, centered))
    expectClose(centeredKernel(.constant(centered)).value, centered, "twice is once")
  }

  @Test func eqTS27_negative_theVariantsDiffer() {
    let w = sample([4, 3, 3, 5]) + Tensor(repeating: 0.5, shape: [4, 3, 3, 5])
    let variants = KernelNormalization.allCases.dropLast().map { apply($0, w) }
    for i in variants.indices {
      for j in 0..<i { #expect(largestDifference(variants[i], variants[j]) > 0.02) }
    }
  }

  @Test func eqTS27_theGainOfAGroupIsOneTrainedNumberAChannel() {
    let path = Simplifier(normalization: .sharedGain).simplify(SearchSpace.nasBench201.paths[0])
      .path
    let network = PathNetwork(path, channels: 8, name: "e", seed: RandomGenerator(seed: 1))
    #expect(network.parameters.map(\.value.shape) == [[8, 1, 1, 8], [8, 3, 3, 8], [8]])
    #expect(network.parameters.last?.value == Tensor(repeating: 1, shape: [8]))
  }

  /// TS-27b: the deviation of what a convolution makes of a smooth map behind a ReLU.
  @Test func eqTS27b_onSmoothInputBothKernelSizesComeOutEquallyStrong() {
    // Smooth: white noise pooled twice.
    let noise = sample([8, 24, 24, 16], 1)
    let smooth = AveragePooling.forward(AveragePooling.forward(noise, Window(3)), Window(3))
    let u = (Scalar(1 / ChannelMoments.of(smooth).variance[0].squareRoot()) * smooth).relu()
    func deviation(_ normalization: KernelNormalization, _ k: Int) -> Double {
      let w = apply(normalization, sample([64, k, k, 16], 2))
      let variances = ChannelMoments.of(Convolution.forward(u, w, Window(k))).variance
      return (variances.reduce(0, +) / Double(variances.count)).squareRoot()
    }
    for normalization in [KernelNormalization.unitNorm, .standardized] {
      let ratio = deviation(normalization, 3) / deviation(normalization, 1)
      #expect(0.75 < ratio && ratio < 1.33)
    }
    #expect(deviation(.none, 3) / deviation(.none, 1) > 2, "without, nine taps are three times one")
  }

  /// A 3x3 kernel grown by 3 beside a 1x1 kernel, at p = (.5, .5) under one batch norm.
  @Test func eqTS27b_negative_withoutNormalizationAGrownKernelTakesOver() throws {
    let measured = try golden["measured-differences"]
    let u = sample([8, 24, 24, 16], 1).relu()
    func share(_ normalization: KernelNormalization, growth: Scalar) -> Double {
      let strengths = [(1, 1), (3, growth)].map { k, factor -> Double in
        // Both as strong at the start: as many taps, the same norm.
        let w = apply(
          normalization, factor * unitNormKernel(.constant(sample([64, k, k, 16], k))).value)
        let variances = ChannelMoments.of(Convolution.forward(u, w, Window(k))).variance
        return (variances.reduce(0, +) / 64).squareRoot()
      }
      let omega = effectiveWeights(
        shares: [0.5, 0.5], deviations: strengths, correlations: [[1, 0], [0, 1]]
      ).weights
      return omega[1] / (omega[0] + omega[1])
    }
    let (before, grown) = (
      try measured.scalar("TS-27b share of 3x3 without KN"),
      try measured.scalar("TS-27b share of 3x3 grown x3 without KN")
    )
    expectClose(share(.none, growth: 1), before, absolute: 0.05, relative: 0)
    expectClose(share(.none, growth: 3), grown, absolute: 0.05, relative: 0)
    expectClose(share(.unitNorm, growth: 3), share(.unitNorm, growth: 1))
  }

  // MARK: TS-28

  /// The share of the dilated branch in variant T, for an input of scale 1 and of scale 10.
  @Test func eqTS28_theInputsOfTheBranchesKeepTheirScales() {
    let names: [Primitive] = [.sepConv3x3, .sepConv5x5, .dilConv3x3, .dilConv5x5]
    let path = Simplifier().simplify(MixedOperation(names.map { SearchSpace.dartsPath($0) }).path)
      .path
    let network = PathNetwork(path, channels: 16, name: "e", seed: RandomGenerator(seed: 1))
    func output(_ scale: Scalar, _ logits: [Scalar]) -> Tensor {
      let weights = RelaxedArchitecture(
        logits: .constant(Tensor(logits, shape: [1, 4])), relaxation: SoftmaxRelaxation())
      return network(.constant(scale * sample([4, 8, 8, 16])), weights, in: ForwardPass(.training))
        .value
    }
    /// How near the mixture is to the dilated branch alone.
    func nearness(_ scale: Scalar) -> Double {
      let (mixed, dilated) = (output(scale, [0, 0, 0, 0]), output(scale, [-40, -40, 0, 0]))
      return mixed.dot(dilated) / (mixed.dot(mixed) * dilated.dot(dilated)).squareRoot()
    }
    #expect(nearness(0.1) < nearness(1) && nearness(1) < nearness(10))
    #expect(nearness(10) > 0.9, "a loud input drowns the separable branch")
  }
}
