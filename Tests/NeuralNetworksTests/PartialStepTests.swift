import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// Steps that move some of the parameters, and passes that know which they used.
@Suite("Partial steps")
struct PartialStepTests {
  private func parameters() -> [Parameter] {
    (0..<3).map { Parameter("w\($0)", sample([4], $0)) }
  }

  @Test func `SGD leaves the other parameters and their velocities as they are`() {
    let (parameters, reference) = (parameters(), parameters())
    var sgd = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    var alone = SGD(learningRate: 0.1, momentum: 0.9, weightDecay: 0.1)
    let g = sample([4], 9)
    sgd.step(parameters, [g, g], at: [0, 2])
    sgd.step(parameters, [g], at: [2])
    #expect(parameters[1].value == reference[1].value)
    #expect(sgd.velocities[1] == .zeros([4]))
    let first = sgd.velocities[0]
    alone.step([reference[2]], [g])
    alone.step([reference[2]], [g])
    #expect(parameters[2].value == reference[2].value && sgd.velocities[2] == alone.velocities[0])
    sgd.step(parameters, [g], at: [1])
    #expect(sgd.velocities[0] == first)
  }

  @Test func `SGLD gives the other parameters no noise, and each its own`() {
    let (parameters, before) = (parameters(), parameters())
    var sgld = SGLD(learningRate: 0.1, examples: 10, noise: RandomGenerator(seed: 1))
    let zero = Tensor.zeros([4])
    sgld.step(parameters, [zero, zero], at: [0, 2])
    #expect(parameters[1].value == before[1].value)
    let moves = [0, 2].map { parameters[$0].value - before[$0].value }
    #expect(largestDifference(moves[0], moves[1]) > 0.01)
    // The noise is that of the place, whatever else was used.
    var other = SGLD(learningRate: 0.1, examples: 10, noise: RandomGenerator(seed: 1))
    other.step(before, [zero], at: [2])
    #expect(before[2].value == parameters[2].value)
  }

  @Test func `a pass knows which parameters it used`() {
    let parameters = parameters()
    let pass = ForwardPass(.training, differentiating: parameters)
    let loss = sum(pass.variable(parameters[2]) * pass.variable(parameters[0]))
    _ = pass.variable(Parameter("another", .zeros([4])))
    #expect(pass.usedPlaces == [0, 2])
    let gradients = pass.usedGradients(of: loss)
    #expect(gradients == [parameters[2].value, parameters[0].value])
  }

  @Test func `with a falling momentum running statistics are means over the passes`() {
    let layer = BatchNorm("bn", channels: 3, affine: false)
    // Whatever was there before.
    layer.buffers[0].value = Tensor(repeating: 1000, shape: [3])
    let batches = (0..<4).map { Scalar($0 + 1) * sample([2, 3, 3, 3], $0) }
    for (index, batch) in batches.enumerated() {
      _ = layer(.constant(batch), in: ForwardPass(.training, momentum: 1 / Scalar(index + 1)))
    }
    let moments = batches.map { ChannelMoments.of($0) }
    for channel in 0..<3 {
      let mean = moments.reduce(0) { $0 + Double($1.mean[channel]) } / 4
      let variance = moments.reduce(0) { $0 + Double($1.variance[channel]) } / 4 * 18 / 17
      expectClose(layer.buffers[0].value[channel], Scalar(mean), absolute: 1e-3, relative: 1e-4)
      expectClose(layer.buffers[1].value[channel], Scalar(variance), relative: 1e-4)
    }
  }
}
