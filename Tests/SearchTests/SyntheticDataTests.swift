import Autodiff
import Datasets
import NeuralNetworks
import Tensors
import TestSupport
import Testing

/// The embedded data set is learnable, but not trivially.
@Suite("Synthetic images as a task")
struct SyntheticDataTests {
  private let seed = RandomGenerator(seed: 1)
  private let test = SyntheticImages.make(count: 500, seed: 1001)

  /// Trains a model on fresh images and returns its accuracy on others.
  private func accuracy(
    images: Int, epochs: Int, rate: Double, parameters: [Parameter],
    _ model: (Tensor, ForwardPass) -> Variable
  ) -> Double {
    let loader = BatchLoader(
      SyntheticImages.make(count: images, seed: 1), batchSize: 50, generator: seed)
    var sgd = SGD(learningRate: rate, momentum: 0.9, weightDecay: 5e-4, isNesterov: true)
    for epoch in 0..<epochs {
      sgd.learningRate = cosineLearningRate(epoch: epoch, of: epochs, from: rate, to: 0)
      for index in 0..<loader.batchesPerEpoch {
        let batch = loader.epoch(epoch)[index]
        let pass = ForwardPass(.training, differentiating: parameters)
        let loss = crossEntropy(model(batch.images, pass), labels: batch.labels)
        sgd.step(parameters, pass.gradients(of: loss))
      }
    }
    var correct = 0
    for batch in BatchLoader(test, batchSize: 100, generator: seed).evaluationBatches {
      let scores = model(batch.images, ForwardPass(.evaluation)).value
      correct += batch.labels.enumerated().count { row, label in
        (0..<10).allSatisfy { scores[row * 10 + $0] <= scores[row * 10 + label] }
      }
    }
    return Double(correct) / Double(test.count)
  }

  @Test func `a linear classifier stays below 60 percent`() {
    let linear = Linear("linear", inputs: 3072, outputs: 10, seed: seed)
    let result = accuracy(images: 4000, epochs: 10, rate: 0.005, parameters: linear.parameters) {
      linear(.constant($0.reshaped(to: [$0.shape.images, 3072])), in: $1)
    }
    print("synthetic images, linear classifier: \(result)")
    #expect(result < 0.6)
    #expect(result > 0.1)
  }

  @Test func `a small convolutional network exceeds 90 percent`() {
    let widths = [3, 16, 32, 48]
    let convolutions = (0..<3).map {
      Convolution2D(
        "conv\($0)", inputs: widths[$0], outputs: widths[$0 + 1],
        Window(3, stride: 2), seed: seed)
    }
    let norms = (0..<3).map { BatchNorm("bn\($0)", channels: widths[$0 + 1], affine: true) }
    let head = Linear("head", inputs: 48, outputs: 10, seed: seed)
    let parameters = (convolutions as [any Layer] + norms + [head]).flatMap(\.parameters)
    let result = accuracy(images: 4000, epochs: 10, rate: 0.05, parameters: parameters) { x, pass in
      var y = Variable.constant(x)
      for (convolution, norm) in zip(convolutions, norms) {
        y = relu(norm(convolution(y, in: pass), in: pass))
      }
      return head(globalAverage(y), in: pass)
    }
    print("synthetic images, small convolutional network: \(result)")
    #expect(result > 0.9)
  }
}
