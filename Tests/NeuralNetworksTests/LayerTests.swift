import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@Suite("Layers")
struct LayerTests {
  @Test func `Kaiming weights have the promised spread`() {
    var generator = RandomGenerator(seed: 1)
    let shape: Shape = [64, 3, 3, 64]
    let uniform = Kaiming.uniform(shape, using: &generator)
    let bound = 1 / (576.0).squareRoot()
    #expect(uniform.doubles.allSatisfy { abs($0) <= bound * 1.0001 })
    expectClose(uniform.dot(uniform) / Double(shape.count), bound * bound / 3, relative: 0.03)
    let normal = Kaiming.normal(shape, using: &generator)
    expectClose(normal.dot(normal) / Double(shape.count), 2.0 / 576, relative: 0.03)
  }

  @Test func `batch norm yields mean 0 and variance 1 in training`() {
    let layer = BatchNorm("bn", channels: 5, affine: true)
    let x = 3 * sample([4, 6, 6, 5]) + Tensor(repeating: 7, shape: [4, 6, 6, 5])
    let (mean, variance) = ChannelMoments.of(layer(.constant(x), in: ForwardPass(.training)).value)
    expectClose(mean, [0, 0, 0, 0, 0], absolute: 1e-4)
    expectClose(variance, [1, 1, 1, 1, 1], absolute: 1e-3)
  }

  @Test func `running statistics approach those of the data and serve evaluation`() {
    let layer = BatchNorm("bn", channels: 3, affine: false)
    let x = Variable.constant(
      2 * sample([8, 5, 5, 3]) + Tensor(repeating: 1, shape: [8, 5, 5, 3]))
    var inTraining = x
    for _ in 0..<200 { inTraining = layer(x, in: ForwardPass(.training)) }
    let inEvaluation = layer(x, in: ForwardPass(.evaluation))
    // The running variance is the unbiased one, 0.25 % larger here.
    expectClose(inEvaluation.value, inTraining.value, absolute: 0.02)
    let before = layer.buffers.map(\.value)
    _ = layer(x, in: ForwardPass(.evaluation))
    #expect(layer.buffers.map(\.value) == before, "evaluation changes nothing")
  }

  @Test func `a pass yields gradients of the listed parameters only`() {
    let seed = RandomGenerator(seed: 1)
    let (a, b) = (
      Linear("a", inputs: 3, outputs: 4, seed: seed),
      Linear("b", inputs: 4, outputs: 2, seed: seed)
    )
    let pass = ForwardPass(.training, differentiating: b.parameters)
    let y = b(a(.constant(sample([5, 3])), in: pass), in: pass)
    let gradients = pass.gradients(of: crossEntropy(y, labels: [0, 1, 0, 1, 1]))
    #expect(gradients.map(\.shape) == [[2, 4], [2]])
  }

  @Test func `gradients are clipped to a common length`() {
    var gradients = [Tensor([3], shape: [1]), Tensor([0, 4], shape: [2])]
    #expect(clipByGlobalNorm(&gradients, to: 10) == 5)
    #expect(gradients[0].item == 3, "short gradients stay as they are")
    #expect(clipByGlobalNorm(&gradients, to: 1) == 5)
    expectClose(gradients[0].doubles + gradients[1].doubles, [0.6, 0, 0.8], absolute: 1e-5)
  }

  @Test func `training a small network fits a rule`() {
    let seed = RandomGenerator(seed: 4)
    let (first, second) = (
      Linear("first", inputs: 2, outputs: 16, seed: seed),
      Linear("second", inputs: 16, outputs: 2, seed: seed)
    )
    let x = sample([128, 2])
    let labels = (0..<128).map { x[$0 * 2] * x[$0 * 2 + 1] > 0 ? 1 : 0 }  // not linear
    let parameters = first.parameters + second.parameters
    var sgd = SGD(learningRate: 0.3, momentum: 0.9, isNesterov: true)
    var loss: Scalar = 0
    for _ in 0..<300 {
      let pass = ForwardPass(.training, differentiating: parameters)
      let y = second(relu(first(.constant(x), in: pass)), in: pass)
      let value = crossEntropy(y, labels: labels)
      loss = value.item
      sgd.step(parameters, pass.gradients(of: value))
    }
    #expect(loss < 0.1)
  }
}
