import Autodiff
import Tensors
import TestSupport
import Testing

@Suite("Gradients of the operations agree with differences")
struct OperationGradientTests {
  @Test func arithmetic() {
    let inputs = [sample([3, 4], 1), sample([3, 4], 2)]
    expectGradients(at: inputs) { $0[0] + $0[1] }
    expectGradients(at: inputs) { $0[0] - $0[1] }
    expectGradients(at: inputs) { $0[0] * $0[1] }
    expectGradients(at: inputs) { 0.7 * ($0[0] * $0[0]) + $0[1] }
    expectGradients(at: inputs) { sum($0[0] * $0[1]) }
    expectGradients(at: inputs) { exp(0.3 * $0[0]) }
    expectGradients(at: [sampleAwayFromZero([3, 4])]) { relu($0[0]) }
  }

  @Test func logistic() {
    expectGradients(at: [sample([3, 4])]) { softplus($0[0]) }
    expectGradients(at: [sample([3, 4])]) { logSigmoid($0[0]) }
    expectGradients(at: [sample([3, 4])]) { sigmoid($0[0]) }
    let ends = Variable.constant(Tensor(vector: [-10_000, -20, 0, 20, 10_000]))
    expectClose(sigmoid(ends).value.doubles, [0, 2.0611536e-9, 0.5, 1, 1], absolute: 1e-15)
    expectClose(
      softplus(ends).value.doubles, [0, 2.0611536e-9, 0.6931472, 20, 10_000], absolute: 1e-15)
    expectClose(
      logSigmoid(ends).value.doubles, [-10_000, -20, -0.6931472, -2.0611536e-9, 0], absolute: 1e-15)
  }

  @Test func rows() {
    let x = [sample([3, 5])]
    expectGradients(at: x) { softmax($0[0]) }
    expectGradients(at: x) { logSoftmax($0[0]) }
    expectGradients(at: x) { gather($0[0], [0, 7, 7, 14]) }
    expectGradients(at: x) {
      logSumExp($0[0], groups: [[0, 1, 2], [2, 3], [14], [5, 6, 7, 8, 9]])
    }
    expectGradients(at: x) { crossEntropy($0[0], labels: [4, 0, 2]) }
    expectGradients(at: x) { crossEntropy($0[0], labels: [4, 0, 2], smoothing: 0.1) }
  }

  @Test(
    arguments: [
      Window(1), Window(1, stride: 2), Window(3), Window(3, stride: 2), Window(3, dilation: 2),
    ], [false, true])
  func convolutions(_ window: Window, _ afterReLU: Bool) {
    let x = sampleAwayFromZero([2, 6, 5, 3], 1)
    expectGradients(at: [x, sample([4, window.kernel, window.kernel, 3], 2)]) {
      convolution($0[0], $0[1], window, afterReLU: afterReLU)
    }
    expectGradients(at: [x, sample([3, window.kernel, window.kernel, 1], 2)]) {
      depthwiseConvolution($0[0], $0[1], window, afterReLU: afterReLU)
    }
  }

  @Test func `weighted sums of maps of one channel, such as depthwise kernels`() {
    let inputs = [sample([4, 3, 3, 1], 1), sample([4, 3, 3, 1], 2), sample([2], 3)]
    expectGradients(at: inputs) { mixture([.identity($0[0]), .identity($0[1])], weights: $0[2]) }
    expectGradients(at: inputs) { v in
      let normalized = Summand.normalized(v[1], Normalization(of: v[1].value))
      return mixture([.identity(v[0]), normalized], weights: v[2])
    }
  }

  @Test func `a map that several convolutions and pools read`() {
    let kernels = [sample([3, 3, 3, 3], 2), sample([3, 1, 1, 3], 3), sample([3, 3, 3, 3], 4)]
    expectGradients(at: [sampleAwayFromZero([2, 6, 5, 3], 1), sample([3], 5)] + kernels) { v in
      let x = exp(0.1 * v[0])
      // A kernel that is made behind the map: its gradient must not come too late.
      let late = 0.5 * v[2] + v[4]
      let first = mixture(
        [
          .identity(convolution(x, v[2], Window(3), afterReLU: true)), .averagePooled(x, Window(3)),
          .identity(convolution(x, late, Window(3))), .identity(x),
        ])
      return mixture(
        [
          .averagePooled(x, Window(3)), .averagePooled(first, Window(3)),
          .identity(convolution(x, v[3], Window(1), afterReLU: true)),
        ], weights: v[1])
    }
  }

  @Test(arguments: [false, true], [false, true])
  func separableConvolutions(_ isNormalized: Bool, _ afterReLU: Bool) {
    let x = sampleAwayFromZero([2, 6, 5, 3], 1)
    let kernels = [sample([3, 3, 3, 1], 2), sample([3, 5, 5, 1], 3), sample([4, 1, 1, 3], 4)]
    // The second input follows from the first, so that a gradient arrives twice.
    expectGradients(at: [x, sample([3], 5), sample([3], 6)] + kernels) { v in
      // Away from 0 after the normalization too, where the ReLU has no derivative.
      let norm = Normalization(
        mean: [0, 0, 0], variance: [0.5, 1, 2], gain: exp(v[1]), bias: 0.05 * v[2])
      return separableConvolution(
        sumOf: [
          DepthwiseTerm(
            x: v[0], normalization: isNormalized ? norm : nil, w: v[3], window: Window(3),
            afterReLU: afterReLU),
          DepthwiseTerm(x: v[0] * v[0], w: v[4], window: Window(5, dilation: 2), afterReLU: false),
        ], pointwise: v[5])
    }
  }

  @Test func aSeparableConvolutionBehindABatchNorm() {
    expectGradients(at: [
      sample([2, 6, 5, 3], 1), sample([3, 3, 3, 1], 2), sample([4, 1, 1, 3], 3),
    ]) {
      separableConvolution(
        sumOf: [
          DepthwiseTerm(
            x: $0[0], normalization: Normalization(of: $0[0].value), w: $0[1], window: Window(3),
            afterReLU: false)
        ], pointwise: $0[2])
    }
  }

  @Test func linearMaps() {
    expectGradients(at: [sample([4, 6], 1), sample([5, 6], 2), sample([5], 3)]) {
      addBias(linear($0[0], $0[1]), $0[2])
    }
  }

  @Test func layouts() {
    let inputs = [sample([2, 3, 3, 4], 1), sample([2, 3, 3, 2], 2)]
    expectGradients(at: inputs) { concatenateChannels($0) }
    expectGradients(at: inputs) { channels($0[0], 1..<3) }
    expectGradients(at: inputs) { globalAverage($0[0]) }
  }

  @Test(arguments: [Window(3), Window(3, stride: 2), Window(2, stride: 2)])
  func pooling(_ window: Window) {
    expectGradients(at: [sample([2, 6, 6, 3])]) { averagePool($0[0], window) }
    expectGradients(at: [sampleWithoutTies([2, 6, 6, 3])]) { maxPool($0[0], window) }
  }

  @Test func batchNormalization() {
    let x = sample([3, 4, 4, 5], 1)
    expectGradients(at: [x]) { batchNorm($0[0], Normalization(of: $0[0].value)) }
    expectGradients(at: [x, sample([5], 2), sample([5], 3)]) {
      batchNorm($0[0], Normalization(of: $0[0].value, gain: $0[1], bias: $0[2]))
    }
    let (mean, variance) = ChannelMoments.of(sample([3, 4, 4, 5], 4))
    expectGradients(at: [x, sample([5], 2), sample([5], 3)]) {
      batchNorm(
        $0[0], Normalization(mean: mean, variance: variance, gain: $0[1], bias: $0[2]))
    }
  }

  @Test func mixtures() {
    let shape: Shape = [2, 4, 4, 5]
    expectGradients(at: [sample(shape, 1), sample(shape, 2), sample([4], 3), sample([5], 4)]) {
      mixture(
        [
          .identity($0[0]), .normalized($0[1], Normalization(of: $0[1].value, gain: $0[3])),
          .averagePooled($0[0], Window(3)), .normalized($0[0], Normalization(of: $0[0].value)),
        ], weights: $0[2])
    }
    expectGradients(at: [sample(shape, 1)]) {
      mixture([.averagePooled($0[0], Window(2, stride: 2))])
    }
    // Two windows, and maps of two sizes that one window pools.
    let maps = [sample(shape, 1), sample(shape, 2), sample([2, 5, 5, 5], 3)]
    expectGradients(at: maps + [sample([4], 4)]) {
      let halved = Window(2, stride: 2)
      return mixture(
        [
          .averagePooled($0[0], halved), .averagePooled($0[1], Window(3, stride: 2)),
          .averagePooled($0[2], halved), .averagePooled($0[1], halved),
        ], weights: $0[3])
    }
  }
}

@Suite("A mixture equals the sum of its parts")
struct MixtureTests {
  let x = sample([3, 5, 4, 17], 1)
  let y = sample([3, 5, 4, 17], 2)
  let weights = Tensor([0.5, -0.3, 1.2], shape: [3])
  let cotangent = sample([3, 5, 4, 17], 3)

  /// Values and gradients of the mixture and of the same sum built from single operations.
  private func compare(
    _ mixed: @escaping (Variable, Variable, Variable) -> Variable,
    _ plain: @escaping (Variable, Variable, Variable) -> Variable
  ) {
    let results = [mixed, plain].map { function -> [Tensor] in
      let tape = Tape()
      let inputs = [x, y, weights].map { tape.variable($0) }
      let output = function(inputs[0], inputs[1], inputs[2])
      return [output.value]
        + tape.gradients(of: output, cotangent: cotangent, withRespectTo: inputs)
    }
    expectClose(results[0], results[1], absolute: 2e-3, relative: 1e-4)
  }

  /// weights[k] times x, by way of single operations.
  private func scaled(_ x: Variable, _ weights: Variable, _ k: Int) -> Variable {
    let broadcast = gather(gather(weights, [k]), Array(repeating: 0, count: x.shape.count))
    return x
      * .result(of: "reshape", [broadcast], broadcast.value.reshaped(to: x.shape)) {
        [slot = broadcast.slot] g, gradients in
        gradients.add(g.reshaped(to: [g.shape.count]), to: slot)
      }
  }

  @Test func `identity, normalized and pooled summands`() {
    compare { x, y, w in
      mixture(
        [
          .identity(x), .normalized(y, Normalization(of: y.value)), .averagePooled(x, Window(3)),
        ], weights: w)
    } _: { x, y, w in
      let normalized = batchNorm(y, Normalization(of: y.value))
      return scaled(x, w, 0) + scaled(normalized, w, 1) + scaled(averagePool(x, Window(3)), w, 2)
    }
  }

  @Test func `pools of one window are added before they are pooled, others are not`() {
    compare { x, y, w in
      mixture(
        [.averagePooled(x, Window(3)), .averagePooled(x, Window(5)), .averagePooled(y, Window(3))],
        weights: w)
    } _: { x, y, w in
      scaled(averagePool(x, Window(3)), w, 0) + scaled(averagePool(x, Window(5)), w, 1)
        + scaled(averagePool(y, Window(3)), w, 2)
    }
  }

  @Test func `a constant input still yields the gradient of its weight`() {
    let tape = Tape()
    let w = tape.variable(weights)
    let constants = [x, y].map(Variable.constant)
    let output = mixture(
      [
        .identity(constants[0]), .normalized(constants[1], Normalization(of: y)),
        .averagePooled(constants[0], Window(3)),
      ], weights: w)
    let gradient = tape.gradients(of: output, cotangent: cotangent, withRespectTo: [w])[0]
    let parts = [
      x, batchNorm(constants[1], Normalization(of: y)).value, AveragePooling.forward(x, Window(3)),
    ]
    expectClose(gradient.doubles, parts.map { cotangent.dot($0) }, absolute: 1e-3)
  }

  @Test func `weights of another number are refused`() async {
    await #expect(processExitsWith: .failure) {
      _ = mixture([.identity(.constant(.zeros([2])))], weights: .constant(.zeros([2])))
    }
  }

  /// The weights of a 1x1 and a 3x3 kernel; the smaller share is that of the larger kernel in turn.
  @Test(arguments: [[0.4, 0.6], [0.999, 0.001], [0.0, 1.0], [1.0, 0.0]], [1, 2])
  func `a convolution by a mixture of constant kernels`(_ shares: [Double], _ stride: Int) {
    let kernels = [sample([5, 1, 1, 3], 2), sample([5, 3, 3, 3], 3)]
    let windows = [Window(1, stride: stride), Window(3, stride: stride)]
    let embedded = Tensor.zeros([5, 3, 3, 3])
    expectGradients(at: [sampleAwayFromZero([2, 6, 6, 3], 1), Tensor(vector: shares)]) { inputs in
      var merged = embedded
      let p = inputs[1].value.scalars
      for o in 0..<5 {
        for i in 0..<3 { merged[o, 1, 1, i] = p[0] * kernels[0][o, 0, 0, i] }
      }
      merged = merged + p[1] * kernels[1]
      return convolution(
        inputs[0], mixing: Array(zip(kernels, windows)).map { (kernel: $0, window: $1) },
        merged: merged, weights: inputs[1], windows[1], afterReLU: true)
    }
  }
}
