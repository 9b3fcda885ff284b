import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// When reparameterization is valid, TS-5 to TS-8 and TS-21.
@Suite("TopoNAS: reparameterization")
struct TopoNASReparameterizationTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  static let embeddings = [(1, 1, 3), (3, 1, 5), (3, 2, 5), (3, 2, 9), (5, 2, 9), (5, 1, 9)]

  private func embed(_ w: Tensor, _ size: Int, _ dilation: Int) -> Tensor {
    embedKernel(.constant(w), size: size, dilation: dilation).value
  }

  // MARK: TS-5

  @Test(arguments: embeddings)
  func eqTS5_embeddedKernelConvolvesAlike(_ k: Int, _ d: Int, _ size: Int) throws {
    let test = try golden["embed-k\(k)-d\(d)-K\(size)"]
    let (x, w) = (try test.tensor("input"), try test.tensor("kernel"))
    let large = embed(w, size, d)
    try expectGolden(large, test, "embedded")
    for stride in [1, 2] {
      let small = DepthwiseConvolution.forward(x, w, Window(k, stride: stride, dilation: d))
      try expectGolden(small, test, "outputStride\(stride)")
      expectClose(
        DepthwiseConvolution.forward(x, large, Window(size, stride: stride)), small, absolute: 1e-5)
    }
  }

  /// T1: the same numbers, not only nearly; dense kernels on an image whose sides the stride does not divide.
  @Test(arguments: embeddings, [1, 2])
  func eqTS5_denseAndDepthwiseWithinRounding(
    _ embedding: (k: Int, d: Int, size: Int), _ stride: Int
  ) {
    let (k, d, size) = embedding
    let (small, large) = (Window(k, stride: stride, dilation: d), Window(size, stride: stride))
    let (x, w) = (sample([2, 11, 8, 5], 1), sample([5, k, k, 1], 2))
    expectRelative(
      DepthwiseConvolution.forward(x, embed(w, size, d), large),
      DepthwiseConvolution.forward(x, w, small))
    let dense = sample([4, k, k, 5], 3)
    expectRelative(
      Convolution.forward(x, embed(dense, size, d), large), Convolution.forward(x, dense, small))
  }

  /// Within 1e-6 of the largest number.
  private func expectRelative(
    _ actual: Tensor, _ expected: Tensor, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = expected.doubles.reduce(0) { max($0, abs($1)) }
    expectClose(
      actual, expected, absolute: 1e-6 * scale, relative: 0, sourceLocation: sourceLocation)
  }

  @Test func eqTS5_forDenseKernelsToo() {
    let (x, w) = (sample([2, 7, 5, 3], 1), sample([4, 3, 3, 3], 2))
    expectClose(
      Convolution.forward(x, embed(w, 5, 1), Window(5)), Convolution.forward(x, w, Window(3)),
      absolute: 1e-4)
    expectClose(
      Convolution.forward(x, embed(w, 5, 2), Window(5)),
      Convolution.forward(x, w, Window(3, dilation: 2)), absolute: 1e-4)
  }

  @Test(arguments: embeddings)
  func eqTS5_gradientTakesTheTapsOut(_ k: Int, _ d: Int, _ size: Int) {
    expectGradients(at: [sample([2, k, k, 3])]) { embedKernel($0[0], size: size, dilation: d) }
  }

  @Test func eqTS5_limit_aKernelEmbedsInItself() {
    let w = sample([2, 3, 3, 2])
    #expect(embed(w, 3, 1) == w)
  }

  @Test func eqTS5_negative_offCenterOrWithoutDilationDiffers() {
    let (x, w) = (sample([1, 6, 6, 2], 1), sample([2, 3, 3, 1], 2))
    let right = DepthwiseConvolution.forward(x, w, Window(3, dilation: 2))
    let withoutDilation = DepthwiseConvolution.forward(x, embed(w, 5, 1), Window(5))
    #expect(largestDifference(right, withoutDilation) > 0.1)
    var shifted = Tensor.zeros([2, 5, 5, 1])  // the taps of w in the corner instead of the center
    for o in 0..<2 { for t in 0..<9 { shifted[o, t / 3, t % 3, 0] = w[o, t / 3, t % 3, 0] } }
    let plain = DepthwiseConvolution.forward(x, w, Window(3))
    #expect(largestDifference(plain, DepthwiseConvolution.forward(x, shifted, Window(5))) > 0.1)
  }

  @Test func eqTS5_aKernelThatDoesNotFitIsRefused() async {
    await #expect(processExitsWith: .failure) {
      _ = embedKernel(.constant(.zeros([1, 5, 5, 1])), size: 5, dilation: 2)
    }
  }

  // MARK: TS-6

  @Test func eqTS6_onePointOneAndThreeByThree() throws {
    let test = try golden["merge-1x1-3x3"]
    let kernels = [try test.tensor("kernel1"), try test.tensor("kernel3")]
    let merged = mergedKernel(
      kernels.map(Variable.constant), dilations: [1, 1],
      weights: .constant(Tensor(vector: try test.vector("weights"))), size: 3
    ).value
    try expectGolden(merged, test, "merged")
    try expectGolden(
      Convolution.forward(try test.tensor("input"), merged, Window(3)), test, "output")
  }

  @Test func eqTS6_kernelsOfOneDilationShareAGrid() throws {
    let test = try golden["merge-dil3-dil5"]
    let kernels = [try test.tensor("kernel3"), try test.tensor("kernel5")]
    let parts = [3, 5].map {
      KernelPart(name: "k\($0)", window: Window($0, dilation: 2), weight: .one)
    }
    let merge = MergedKernel(parts, normalization: .none)
    #expect(merge.grid == Window(5, dilation: 2))
    let kernel = merge.kernel(
      from: kernels.map(Variable.constant),
      weights: .constant(Tensor(vector: try test.vector("weights"))), gain: nil
    ).value
    try expectGolden(kernel, test, "merged")
    try expectGolden(
      DepthwiseConvolution.forward(try test.tensor("input"), kernel, merge.grid), test, "output")
  }

  /// On the grid of a kernel without dilation the taps of one with dilation 2 stand two apart.
  @Test func eqTS6_kernelsOfTwoDilationsShareTheGridOfTheirCommonDivisor() {
    let windows = [Window(3, dilation: 2), Window(5)]
    let merge = MergedKernel(
      windows.map { KernelPart(name: "k", window: $0, weight: .one) }, normalization: .none)
    #expect(merge.grid == Window(5))
    let (x, p) = (sample([2, 9, 8, 3], 1), [0.3, 0.7])
    let kernels = windows.map { sample([3, $0.kernel, $0.kernel, 1], $0.kernel) }
    let kernel = merge.kernel(
      from: kernels.map(Variable.constant), weights: .constant(Tensor(vector: p)), gain: nil
    ).value
    let parts = zip(windows, kernels).map { DepthwiseConvolution.forward(x, $1, $0) }
    expectClose(
      DepthwiseConvolution.forward(x, kernel, merge.grid),
      Scalar(p[0]) * parts[0] + Scalar(p[1]) * parts[1])
  }

  @Test func eqTS6_gradients() {
    expectGradients(at: [sample([2, 1, 1, 3], 1), sample([2, 3, 3, 3], 2), sample([2], 3)]) {
      mergedKernel([$0[0], $0[1]], dilations: [1, 1], weights: $0[2], size: 3)
    }
  }

  @Test func eqTS6_limit_oneHotWeightsGiveOneKernel() {
    let kernels = [sample([2, 1, 1, 3], 1), sample([2, 3, 3, 3], 2)].map(Variable.constant)
    let merged = mergedKernel(
      kernels, dilations: [1, 1], weights: .constant(Tensor([0, 1], shape: [2])), size: 3)
    #expect(merged.value == kernels[1].value)
  }

  @Test func eqTS6_atStrideTwoToo() {
    let (x, a, b) = (sample([2, 7, 6, 3], 1), sample([4, 1, 1, 3], 2), sample([4, 3, 3, 3], 3))
    let p = Tensor([0.3, 0.7], shape: [2])
    let merged = mergedKernel(
      [a, b].map(Variable.constant), dilations: [1, 1], weights: .constant(p), size: 3
    ).value
    let parts =
      0.3 * Convolution.forward(x, a, Window(1, stride: 2))
      + 0.7 * Convolution.forward(x, b, Window(3, stride: 2))
    expectClose(Convolution.forward(x, merged, Window(3, stride: 2)), parts, absolute: 1e-5)
  }

  @Test func eqTS6_negative_differentInputsCannotBeMerged() {
    let (x, w) = (sample([2, 6, 6, 3], 1), sample([4, 3, 3, 3], 2))
    let u = x.relu()
    let separate =
      0.5 * Convolution.forward(x, w, Window(3)) + 0.5 * Convolution.forward(u, w, Window(3))
    #expect(largestDifference(separate, Convolution.forward(u, w, Window(3))) > 0.1)
  }

  // MARK: TS-7, TS-8

  @Test func eqTS7_pointwiseAfterDepthwiseIsOneDenseKernel() throws {
    let test = try golden["pointwise-after-depthwise"]
    let kernel = composedKernel(
      pointwise: try test.tensor("pointwise"), depthwise: try test.tensor("depthwise"))
    try expectGolden(kernel, test, "dense")
    let x = try test.tensor("input")
    try expectGolden(Convolution.forward(x, kernel, Window(3)), test, "output")
    let serial = Convolution.forward(
      DepthwiseConvolution.forward(x, try test.tensor("depthwise"), Window(3)),
      try test.tensor("pointwise"), Window(1))
    try expectGolden(serial, test, "output")
  }

  @Test func eqTS7_limit_behindAnIdentityTheKernelIsDiagonal() {
    let depthwise = sample([3, 3, 3, 1], 3)
    var identity = Tensor.zeros([3, 1, 1, 3])
    for c in 0..<3 { identity[c, 0, 0, c] = 1 }
    let kernel = composedKernel(pointwise: identity, depthwise: depthwise)
    let x = sample([2, 6, 5, 3], 1)
    expectClose(
      Convolution.forward(x, kernel, Window(3)),
      DepthwiseConvolution.forward(x, depthwise, Window(3)))
    #expect(kernel.doubles.count { $0 != 0 } == 27, "of 81")
  }

  @Test func eqTS7_negative_theOrderMatters() {
    let (x, pointwise, depthwise) = (
      sample([1, 6, 6, 3], 1), sample([3, 1, 1, 3], 2), sample([3, 3, 3, 1], 3)
    )
    let kernel = composedKernel(pointwise: pointwise, depthwise: depthwise)
    let reversed = DepthwiseConvolution.forward(
      Convolution.forward(x, pointwise, Window(1)), depthwise, Window(3))
    #expect(largestDifference(Convolution.forward(x, kernel, Window(3)), reversed) > 0.1)
  }

  @Test func eqTS8_theEpsilonStandsUnderTheRoot() {
    let folded = foldedBatchNorm(
      Tensor(repeating: 1, shape: [1, 1, 1, 1]), gain: [3], bias: [1], mean: [2], variance: [0.75],
      epsilon: 0.25)
    expectClose(folded.kernel.item, 3)
    expectClose(folded.bias, [-5])
  }

  @Test func eqTS8_limit_aBatchNormThatDoesNothingLeavesTheKernel() {
    let w = sample([4, 3, 3, 2])
    let (zeros, ones) = ([0.0, 0, 0, 0], [1.0, 1, 1, 1])
    let folded = foldedBatchNorm(
      w, gain: ones, bias: zeros, mean: zeros, variance: ones, epsilon: 0)
    #expect(folded.kernel == w && folded.bias == zeros)
  }

  /// T3: two convolutions, each with a batch norm in evaluation mode, are one convolution and a bias.
  @Test func eqTS8_convolutionsWithEvaluationBatchNormsMergeOnceFolded() {
    let (u, p) = (sample([2, 6, 5, 3], 1), [0.3, 0.7])
    let (gain, bias, mean, variance) = (
      [1.2, 0.7, -0.4, 2], [0.1, -0.5, 0.9, 0], [0.3, -0.2, 1.1, 0.6], [0.5, 1.5, 0.8, 2.5]
    )
    var sum = Tensor.zeros([2, 6, 5, 4])
    var (folded, offset) = ([Variable](), [0.0, 0, 0, 0])
    for (k, share) in zip([1, 3], p) {
      let w = sample([4, k, k, 3], k)
      let norm = Normalization(
        mean: mean, variance: variance, epsilon: 0.1,
        gain: .constant(Tensor(vector: gain)), bias: .constant(Tensor(vector: bias)))
      sum =
        sum + Scalar(share)
        * batchNorm(convolution(.constant(u), .constant(w), Window(k)), norm).value
      let one = foldedBatchNorm(
        w, gain: gain, bias: bias, mean: mean, variance: variance, epsilon: 0.1)
      folded.append(.constant(one.kernel))
      offset = zip(offset, one.bias).map { $0 + share * $1 }
    }
    let kernel = mergedKernel(
      folded, dilations: [1, 1], weights: .constant(Tensor(vector: p)), size: 3)
    let merged = addBias(
      convolution(.constant(u), kernel, Window(3)), .constant(Tensor(vector: offset)))
    expectClose(merged.value, sum, absolute: 1e-5)
  }

  @Test func eqTS8_evaluationBatchNormFoldsIntoTheKernel() throws {
    let test = try golden["fold-eval-bn"]
    let names = ["gamma", "beta", "mean", "variance"]
    let values = try names.map { try test.tensor($0).doubles }
    let folded = foldedBatchNorm(
      try test.tensor("kernel"), gain: values[0], bias: values[1], mean: values[2],
      variance: values[3], epsilon: try test.scalar("eps"))
    try expectGolden(folded.kernel, test, "foldedKernel")
    try expectGolden(Tensor(vector: folded.bias), test, "foldedBias")
    let y = addBias(
      convolution(.constant(try test.tensor("input")), .constant(folded.kernel), Window(3)),
      .constant(Tensor(vector: folded.bias)))
    try expectGolden(y.value, test, "output", slack: 5)
  }

  @Test func eqTS8_negative_trainingBatchNormDoesNotFold() throws {
    let test = try golden["fold-eval-bn"]
    let x = try test.tensor("input")
    let z = Convolution.forward(x, try test.tensor("kernel"), Window(3))
    let inTraining = batchNorm(
      .constant(z),
      Normalization(
        of: z, gain: .constant(try test.tensor("gamma")), bias: .constant(try test.tensor("beta"))))
    #expect(largestDifference(inTraining.value, try test.tensor("output")) > 0.1)
  }

  // MARK: TS-21

  @Test func eqTS21_mergeOnlyIfTheKernelIsNotDearer() throws {
    let test = try golden["merge-rule"]
    let sets = [
      [Window(1), Window(3)], [Window(3), Window(5)],
      [Window(3, dilation: 2), Window(5, dilation: 2)], [Window(5), Window(5, dilation: 2)],
    ]
    #expect(sets.map { mergePays($0) ? 1 : 0 } == (try test.vector("merge")))
    #expect(
      sets.map { Double(commonGrid($0).kernel * commonGrid($0).kernel) }
        == (try test.vector("executedTaps")))
  }

  @Test func eqTS21_limit_equalCostPays() {
    // Nine 3x3 kernels on a 9x9 grid: 81 taps either way.
    let spread = Window(3, dilation: 4)
    #expect(mergePays([Window(3)] + Array(repeating: spread, count: 8)))
    #expect(!mergePays([Window(3)] + Array(repeating: spread, count: 7)))
    #expect(mergePays([Window(3), Window(3)]), "one instead of two")
  }

  @Test func eqTS21_negative_tapsAreCountedOnTheCommonGridNotThePixels() {
    let dilated = [Window(3, dilation: 2), Window(5, dilation: 2)]
    #expect(dilated[1].reach + 1 == 9, "as a dense kernel it would have 81 taps, more than 34")
    #expect(mergePays(dilated))
  }

  @Test func eqTS21_aSingleTapFitsAnyGrid() {
    #expect(commonGrid([Window(1), Window(3, dilation: 2)]) == Window(3, dilation: 2))
    #expect(commonGrid([Window(1), Window(1)]) == Window(1))
    #expect(commonGrid([Window(3, stride: 2), Window(5, stride: 2)]) == Window(5, stride: 2))
    #expect(commonGrid([Window(3, dilation: 2), Window(3, dilation: 4)]) == Window(5, dilation: 2))
    #expect(
      commonGrid([Window(3, dilation: 2), Window(3, dilation: 3)]) == Window(7),
      "taps 2 and 3 apart have no grid but that of single pixels")
  }
}
