import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite("Layers equal their PyTorch reference")
struct GoldenLayerTests {
  /// Tolerance of the reference file: |a - b| <= 1e-5 + 1e-5 |b|.
  private let tolerance = 1e-5
  private let golden: GoldenFile

  init() throws { golden = try GoldenFile("layers-golden") }

  /// Compares a layer's value and all its gradients with a case.
  private func check(
    _ id: String, inputs names: [String] = ["input"],
    _ function: (GoldenCase, [Variable]) throws -> Variable
  ) throws {
    let test = try golden[id]
    let tape = Tape()
    let inputs = try names.map { tape.variable(try test.tensor($0)) }
    let output = try function(test, inputs)
    expectClose(
      output.value, try test.tensor("output"), absolute: tolerance, relative: tolerance, id)
    let gradients = tape.gradients(
      of: output, cotangent: try test.tensor("gradOutput"), withRespectTo: inputs)
    for (name, gradient) in zip(names, gradients) {
      let key = "grad" + name.prefix(1).uppercased() + name.dropFirst()
      expectClose(
        gradient, try test.tensor(key), absolute: tolerance, relative: tolerance, "\(id) \(key)")
    }
  }

  private func window(_ test: GoldenCase) throws -> Window {
    Window(
      try test.integer("kernel"), stride: try test.integer("stride"),
      dilation: (try? test.integer("dilation")) ?? 1)
  }

  @Test(
    arguments: [
      "conv-1x1-s1", "conv-1x1-s2", "conv-1x1-s1-bias", "conv-3x3-s1", "conv-3x3-s2",
      "conv-3x3-s1-bias", "conv-3x3-d2-s1", "conv-3x3-d2-s2",
    ])
  func convolutions(_ id: String) throws {
    let hasBias = try golden[id].hasTensor("bias")
    try check(id, inputs: ["input", "weight"] + (hasBias ? ["bias"] : [])) { test, v in
      let y = convolution(v[0], v[1], try window(test))
      return hasBias ? addBias(y, v[2]) : y
    }
  }

  @Test(
    arguments: [3, 5].flatMap { k in
      [1, 2].flatMap { d in [1, 2].map { s in "dwconv-\(k)x\(k)-d\(d)-s\(s)" } }
    })
  func depthwiseConvolutions(_ id: String) throws {
    try check(id, inputs: ["input", "weight"]) {
      depthwiseConvolution($1[0], $1[1], try window($0))
    }
  }

  @Test(arguments: ["3x3-s1", "3x3-s2", "2x2-s2"])
  func pooling(_ size: String) throws {
    try check("avgpool-\(size)") { averagePool($1[0], try window($0)) }
    try check("maxpool-\(size)") { maxPool($1[0], try window($0)) }
  }

  @Test func globalAveragePooling() throws {
    try check("global-avgpool") { globalAverage($1[0]) }
  }

  @Test func rectifier() throws { try check("relu") { relu($1[0]) } }

  @Test func linearLayer() throws {
    try check("linear", inputs: ["input", "weight", "bias"]) {
      addBias(linear($1[0], $1[1]), $1[2])
    }
  }

  @Test func softmaxes() throws {
    try check("softmax") { softmax($1[0]) }
    try check("log-softmax") { logSoftmax($1[0]) }
  }

  @Test(arguments: ["cross-entropy-ls0", "cross-entropy-ls0.1"])
  func crossEntropies(_ id: String) throws {
    try check(id) { test, v in
      crossEntropy(
        v[0], labels: try test.vector("target").map { Int($0) },
        smoothing: Scalar(try test.scalar("labelSmoothing")))
    }
  }

  @Test(arguments: [false, true]) func batchNormInTraining(_ isAffine: Bool) throws {
    let id = "batchnorm-train-affine-\(isAffine ? "on" : "off")"
    try check(id, inputs: ["input"] + (isAffine ? ["weight", "bias"] : [])) { _, v in
      batchNorm(
        v[0],
        Normalization(of: v[0].value, gain: isAffine ? v[1] : nil, bias: isAffine ? v[2] : nil))
    }
    let test = try golden[id]
    let layer = BatchNorm("bn", channels: 4, affine: isAffine)
    _ = layer(.constant(try test.tensor("input")), in: ForwardPass(.training))
    expectClose(layer.buffers[0].value, try test.tensor("runningMeanAfter"))
    expectClose(layer.buffers[1].value, try test.tensor("runningVarianceAfter"))
  }

  @Test func batchNormInEvaluation() throws {
    try check("batchnorm-eval-affine-on", inputs: ["input", "weight", "bias"]) { test, v in
      batchNorm(
        v[0],
        Normalization(
          mean: try test.tensor("runningMean").doubles,
          variance: try test.tensor("runningVariance").doubles, gain: v[1], bias: v[2]))
    }
  }
}

@Suite("Optimizers equal their PyTorch reference")
struct GoldenOptimizerTests {
  private let golden: GoldenFile

  init() throws { golden = try GoldenFile("layers-golden") }

  private func row(_ tensor: Tensor, _ index: Int) -> [Double] {
    let width = tensor.shape[1]
    return Array(tensor.doubles[index * width..<(index + 1) * width])
  }

  /// Runs the steps of a case and compares the parameters after each.
  private func trace(
    _ test: GoldenCase, _ step: (Parameter, Tensor) -> [(name: String, value: Tensor)]
  ) throws {
    let parameter = Parameter("p", try test.tensor("initialParameters"))
    let gradients = try test.tensor("gradients")
    for index in 0..<gradients.shape[0] {
      let state = step(parameter, Tensor(vector: row(gradients, index)))
      for (name, value) in state + [("parametersAfterStep", parameter.value)] {
        expectClose(
          value.doubles, row(try test.tensor(name), index), absolute: 1e-7, "\(name), step \(index)"
        )
      }
    }
  }

  @Test(arguments: ["sgd-nesterov-wd", "sgd-momentum-wd"])
  func stochasticGradientDescent(_ id: String) throws {
    let test = try golden[id]
    var sgd = SGD(
      learningRate: try test.scalar("learningRate"), momentum: try test.scalar("momentum"),
      weightDecay: try test.scalar("weightDecay"), isNesterov: try test.scalar("nesterov") == 1)
    try trace(test) { parameter, gradient in
      sgd.step([parameter], [gradient])
      return [("momentumBufferAfterStep", sgd.velocities[0])]
    }
  }

  @Test func adam() throws {
    let test = try golden["adam-arch"]
    var adam = Adam(
      learningRate: try test.scalar("learningRate"),
      betas: (try test.scalar("beta1"), try test.scalar("beta2")),
      weightDecay: try test.scalar("weightDecay"))
    try trace(test) { parameter, gradient in
      adam.step([parameter], [gradient])
      return [
        ("firstMomentAfterStep", adam.firstMoments[0]),
        ("secondMomentAfterStep", adam.secondMoments[0]),
      ]
    }
  }

  @Test func cosineSchedule() throws {
    let test = try golden["cosine-lr"]
    let rates = (0..<50).map { cosineLearningRate(epoch: $0, of: 50, from: 0.025, to: 0.001) }
    expectClose(rates, try test.vector("learningRate"), absolute: 1e-12)
  }
}
