import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Kernel normalization, TS-23 to TS-26.
@Suite("TopoNAS: kernel normalization")
struct TopoNASKernelNormalizationTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("worked-examples") }

  private func unit(_ w: Tensor) -> Tensor { unitNormKernel(.constant(w)).value }

  /// L = sum of upstream * BN(conv(x; W)), W merged from two kernels.
  private func loss(
    _ kernels: [Variable], _ p: Tensor, _ x: Tensor, upstream: Tensor,
    normalization: KernelNormalization = .unitNorm
  ) -> Variable {
    let w = mergedKernel(
      kernels.map { normalization($0) }, dilations: [1, 1], weights: .constant(p), size: 3)
    let z = convolution(.constant(x), w, Window(3))
    return sum(batchNorm(z, Normalization(of: z.value)) * .constant(upstream))
  }

  // MARK: TS-23

  @Test(arguments: [1, 3])
  func eqTS23_whiteInputComesOutWithTheKernelsNorm(_ k: Int) {
    let (x, w) = (sample([24, 26, 26, 8], 1), sample([4, k, k, 8], 2))
    /// Variances away from the border, where padding is seen.
    func variance(_ w: Tensor) -> [Double] {
      let y = Naive.convolution(x, w, Window(k))
      var inside = Tensor.zeros([24, 24, 24, 4])
      for n in 0..<24 {
        for p in 0..<24 * 24 {
          for c in 0..<4 { inside[n, p / 24, p % 24, c] = y[n, p / 24 + 1, p % 24 + 1, c] }
        }
      }
      return ChannelMoments.of(inside).variance
    }
    expectClose(variance(w), whiteOutputVariance(w, inputVariance: 1), absolute: 0, relative: 0.03)
    expectClose(variance(unit(w)), [1, 1, 1, 1], absolute: 0, relative: 0.03)
    expectClose(whiteOutputVariance(unit(w), inputVariance: 2), [2, 2, 2, 2])
  }

  /// T10: the standard deviation is 1 within 0.01, for every kernel, dense and depthwise.
  @Test(arguments: [(1, 1), (3, 1), (5, 1), (3, 2), (5, 2)])
  func eqTS23_whiteNoiseComesOutWithDeviationOne(_ k: Int, _ dilation: Int) {
    let x = sample([64, 64, 64, 8], 3)
    let window = Window(k, dilation: dilation)
    func deviations(_ y: Tensor) -> [Double] {
      ChannelMoments.of(y.interior(margin: 4)).variance.map { $0.squareRoot() }
    }
    let dense = Convolution.forward(x, unit(sample([4, k, k, 8], 4)), window)
    expectClose(deviations(dense), [1, 1, 1, 1], absolute: 0.01, relative: 0)
    let depthwise = DepthwiseConvolution.forward(x, unit(5 * sample([8, k, k, 1], 5)), window)
    expectClose(
      deviations(depthwise), Array(repeating: 1, count: 8), absolute: 0.01, relative: 0)
  }

  @Test func eqTS23_negative_theVarianceGrowsWithTheSquareOfTheNorm() {
    let w = sample([3, 3, 3, 2])
    expectClose(
      whiteOutputVariance(2 * w, inputVariance: 1),
      whiteOutputVariance(w, inputVariance: 1).map { 4 * $0 })
    expectClose(whiteOutputVariance(.zeros([2, 1, 1, 3]), inputVariance: 1), [0, 0])
  }

  // MARK: TS-24

  @Test func eqTS24_golden() throws {
    let test = try golden["kernel-normalization"]
    let kernels = [try test.tensor("kernel1"), try test.tensor("kernel3")]
    try expectGolden(unit(kernels[0]), test, "normalized1")
    try expectGolden(unit(kernels[1]), test, "normalized3")
    let p = Tensor(vector: try test.vector("p"))
    let parts = [1, 3].map { KernelPart(name: "k\($0)", window: Window($0), weight: .one) }
    let merged = MergedKernel(parts, normalization: .unitNorm).kernel(
      from: kernels.map(Variable.constant), weights: .constant(p), gain: nil
    ).value
    try expectGolden(merged, test, "merged")
    try expectGolden(
      Convolution.forward(try test.tensor("input"), merged, Window(3)), test, "convOutput", slack: 2
    )
  }

  @Test func eqTS24_invariant_everyOutputChannelHasNormOne() {
    let w = unit(3 * sample([5, 3, 3, 7]))
    for o in 0..<5 {
      let row = w.doubles[o * 63..<(o + 1) * 63]
      expectClose(row.reduce(0) { $0 + $1 * $1 }, 1)
    }
  }

  @Test func eqTS24_limit_aZeroKernelStaysZeroAndFinite() throws {
    #expect(unit(.zeros([2, 3, 3, 2])) == .zeros([2, 3, 3, 2]))
    let tape = Tape()
    let w = tape.variable(1e-20 * sample([2, 3, 3, 2]))
    #expect(tape.gradients(of: sum(unitNormKernel(w)), withRespectTo: [w])[0].isFinite)
    let epsilon = try golden["kernel-normalization"].scalar("knEps")
    expectClose(KernelNormalization.epsilon, epsilon, absolute: 0, relative: 1e-6)
  }

  @Test func eqTS24_negative_theNormRunsOverOutputChannelsNotAll() {
    let w = sample([4, 3, 3, 4])
    let frobenius = Scalar(1 / w.dot(w).squareRoot()) * w
    #expect(largestDifference(unit(w), 2 * frobenius) > 0.01)
  }

  // MARK: TS-25

  @Test func eqTS25_gradientsOfTheWholeChain() throws {
    let test = try golden["kernel-normalization"]
    let tape = Tape()
    let kernels = [
      tape.variable(try test.tensor("kernel1")), tape.variable(try test.tensor("kernel3")),
    ]
    let gradients = tape.gradients(
      of: loss(
        kernels, Tensor(vector: try test.vector("p")), try test.tensor("input"),
        upstream: try test.tensor("upstream")), withRespectTo: kernels)
    #expect(try test.scalar("bnEps") == 1e-5, "the default of Normalization")
    try expectGolden(gradients[0], test, "gradKernel1", slack: 50)
    try expectGolden(gradients[1], test, "gradKernel3", slack: 50)
    for (kernel, gradient) in zip(kernels, gradients) {
      let length = kernel.value.shape.count / 2
      for o in 0..<2 {
        let rows = o * length..<(o + 1) * length
        let product = zip(kernel.value.doubles[rows], gradient.doubles[rows]).reduce(0) {
          $0 + $1.0 * $1.1
        }
        expectClose(product, 0, absolute: 1e-4, "a kernel is orthogonal to its gradient")
      }
    }
  }

  @Test func eqTS25_gradientOfTheMergedKernel() throws {
    let test = try golden["kernel-normalization"]
    let tape = Tape()
    let merged = tape.variable(try test.tensor("merged"))
    let z = convolution(.constant(try test.tensor("input")), merged, Window(3))
    let y = batchNorm(z, Normalization(of: z.value)) * .constant(try test.tensor("upstream"))
    try expectGolden(
      tape.gradients(of: sum(y), withRespectTo: [merged])[0], test, "gradMerged", slack: 50)
  }

  /// dL/dw_io = p_i / |w_io| (I - w^_io w^_io^T) Z^T dL/dW_o, number by number, for a kernel that is embedded.
  @Test func eqTS25_theGradientOfAPartIsThatOfTheMergedKernel() {
    let (outputs, inputs, size) = (3, 2, 5)
    let (p, upstream) = ([0.3, 0.7], sample([outputs, size, size, inputs], 9))
    let parts = [Window(3, dilation: 2), Window(5)]
    let tape = Tape()
    let kernels = parts.map {
      tape.variable(3 * sample([outputs, $0.kernel, $0.kernel, inputs], 2))
    }
    let merged = mergedKernel(
      kernels.map { unitNormKernel($0) }, dilations: parts.map(\.dilation),
      weights: .constant(Tensor(vector: p)), size: size)
    let gradients = tape.gradients(of: merged, cotangent: upstream, withRespectTo: kernels)
    for (part, window) in parts.enumerated() {
      let (k, w) = (window.kernel, kernels[part].value)
      let first = (size - 1 - window.reach) / 2
      var expected = Tensor.zeros(w.shape)
      for o in 0..<outputs {
        let places = (0..<k * k * inputs).map { place in
          (row: place / inputs / k, column: place / inputs % k, input: place % inputs)
        }
        // Z^T takes the taps of the part out.
        let g = places.map {
          Double(
            upstream[
              o, first + window.dilation * $0.row, first + window.dilation * $0.column, $0.input])
        }
        let row = places.map { Double(w[o, $0.row, $0.column, $0.input]) }
        let norm = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let along = zip(row, g).reduce(0) { $0 + $1.0 / norm * $1.1 }
        for (index, place) in places.enumerated() {
          expected[o, place.row, place.column, place.input] = Scalar(
            p[part] / norm * (g[index] - row[index] / norm * along))
        }
      }
      expectClose(gradients[part], expected, absolute: 1e-6, relative: 1e-4, "part \(part)")
    }
  }

  @Test func eqTS25_invariant_theScaleOfAKernelDoesNotMatter() {
    let w = sample([3, 3, 3, 4])
    expectClose(unit(2.5 * w), unit(w))
  }

  @Test func eqTS25_invariant_theMergedKernelDoesNotChangeEither() {
    let kernels = [sample([4, 1, 1, 4], 2), sample([4, 3, 3, 4], 3)]
    let parts = [1, 3].map { KernelPart(name: "k\($0)", window: Window($0), weight: .one) }
    func merged(_ factor: Scalar) -> Tensor {
      MergedKernel(parts, normalization: .unitNorm).kernel(
        from: [.constant(kernels[0]), .constant(factor * kernels[1])],
        weights: .constant(Tensor([0.4, 0.6], shape: [2])), gain: nil
      ).value
    }
    expectClose(merged(30), merged(1))
    expectClose(merged(0.01), merged(1))
    #expect(largestDifference(merged(-1), merged(1)) > 0.1, "but the sign matters")
  }

  @Test func eqTS25_invariant_aKernelIsOrthogonalToItsGradient() {
    let tape = Tape()
    let w = tape.variable(3 * sample([6, 3, 3, 5]))
    let y = sum(unitNormKernel(w, epsilon: 0) * .constant(sample([6, 3, 3, 5], 2)))
    let g = tape.gradients(of: y, withRespectTo: [w])[0]
    for o in 0..<6 {
      let rows = o * 45..<(o + 1) * 45
      let product = rows.reduce(0.0) { $0 + Double(w.value[$1]) * Double(g[$1]) }
      let lengths = rows.reduce(0.0) { $0 + abs(Double(w.value[$1]) * Double(g[$1])) }
      #expect(abs(product) < 1e-5 * lengths)
    }
  }

  @Test func eqTS25_gradientAgreesWithDifferences() {
    expectGradients(at: [sample([3, 3, 3, 4])]) { unitNormKernel($0[0]) }
    expectGradients(at: [sample([3, 3, 3, 4])]) { unitNormKernel($0[0], epsilon: 0.5) }
  }

  @Test func eqTS25_negative_withoutTheProjectionTheGradientIsWrong() {
    // d(w / |w|) taken with |w| constant: g / |w|.
    let checks = GradientCheck.run(at: [sample([2, 3, 3, 2])]) { inputs in
      let w = inputs[0].value
      let y = unitNormKernel(.constant(w)).value
      return .result(of: "wrong", inputs, y) { [slot = inputs[0].slot] g, gradients in
        let norms = (0..<2).map { o in
          (0..<18).reduce(0) { $0 + w[o * 18 + $1] * w[o * 18 + $1] }.squareRoot()
        }
        gradients.add(
          Tensor((0..<36).map { g[$0] / norms[$0 / 18] }, shape: w.shape), to: slot)
      }
    }
    #expect(checks.contains { $0.relativeError > 0.05 })
  }

  // MARK: TS-26

  @Test func eqTS26_afterTheSumItDoesNothingBeforeABatchNorm() {
    let x = sample([3, 6, 6, 4], 1)
    let kernels = [sample([4, 1, 1, 4], 2), 3 * sample([4, 3, 3, 4], 3)].map(Variable.constant)
    let p = Tensor([0.4, 0.6], shape: [2])
    func output(_ w: Variable) -> Tensor {
      let z = convolution(.constant(x), w, Window(3))
      return batchNorm(z, Normalization(of: z.value, epsilon: 0)).value
    }
    func merged(_ kernels: [Variable]) -> Variable {
      mergedKernel(kernels, dilations: [1, 1], weights: .constant(p), size: 3)
    }
    let plain = output(merged(kernels))
    expectClose(output(unitNormKernel(merged(kernels))), plain, absolute: 1e-4, "after: no-op")
    #expect(
      largestDifference(output(merged(kernels.map { unitNormKernel($0) })), plain) > 0.1,
      "before: it changes the mixture")
  }

  /// Behind a depthwise kernel stands a pointwise convolution, not a batch norm: there the two differ.
  @Test func eqTS26_limit_afterTheSumItIsNoNoOpBeforeAPointwiseConvolution() {
    let (x, pointwise) = (sample([3, 6, 6, 4], 1), sample([4, 1, 1, 4], 4))
    var w = sample([4, 3, 3, 1], 2)
    for tap in 0..<9 { w[tap] *= 4 }  // one channel louder than the others
    func output(_ w: Tensor) -> Tensor {
      let z = Convolution.forward(
        DepthwiseConvolution.forward(x, w, Window(3)), pointwise, Window(1))
      return batchNorm(.constant(z), Normalization(of: z, epsilon: 0)).value
    }
    #expect(largestDifference(output(unit(w)), output(w)) > 0.1)
  }
}

extension Tensor {
  /// The pixels of a map [N, H, W, C] that are at least `margin` away from the border.
  fileprivate func interior(margin: Int) -> Tensor {
    let (rows, columns) = (shape.height - 2 * margin, shape.width - 2 * margin)
    var inside = Tensor.zeros([shape[0], rows, columns, shape.channels])
    let length = columns * shape.channels
    withScalars { source in
      inside.withMutableScalars { target in
        for row in 0..<shape[0] * rows {
          let (n, i) = (row / rows, row % rows + margin)
          let from = ((n * shape.height + i) * shape.width + margin) * shape.channels
          for k in 0..<length { target[row * length + k] = source[from + k] }
        }
      }
    }
    return inside
  }
}
