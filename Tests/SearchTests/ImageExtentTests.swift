import Autodiff
import Datasets
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Networks take images of every size that can be halved twice.
@Suite("Sizes of images")
struct ImageExtentTests {
  private let seed = RandomGenerator(seed: 1)

  @Test(arguments: [8, 16, 28, 48])
  func `supernets have a gradient for every weight`(_ extent: Int) {
    for space in [SearchSpace.nasBench201, Simplifier().simplify(.nasBench201)] {
      check(
        NASBench201Supernet(space, channels: 4, cellsPerStage: 1, classes: 7, seed: seed), extent)
    }
    for space in [SearchSpace.darts, Simplifier().simplify(.darts)] {
      check(DARTSSupernet(space, channels: 4, layers: 3, classes: 7, seed: seed), extent)
    }
  }

  private func check(_ network: some Supernet, _ extent: Int) {
    let parameters = network.parameters + network.architectureParameters
    let pass = ForwardPass(.training, differentiating: parameters)
    let scores = network(sample([3, extent, extent, 3], 1), SoftmaxRelaxation(), in: pass)
    #expect(scores.shape == [3, 7])
    let gradients = pass.gradients(of: crossEntropy(scores, labels: [0, 3, 6]))
    for (parameter, gradient) in zip(parameters, gradients) {
      #expect(gradient.isFinite && gradient.dot(gradient) > 0, "\(parameter.name), \(extent)")
    }
  }

  @Test(arguments: [8, 16, 28, 48])
  func `networks of derived cells score them`(_ extent: Int) {
    let images = sample([2, extent, extent, 3], 2)
    let cell = NASBench201Genotype(ordinal: 4711)
    let networks: [any DiscreteNetwork] = [
      NASBench201Network(cell, channels: 4, cellsPerStage: 1, classes: 5, seed: seed),
      DARTSNetwork(.dartsV2, channels: 4, layers: 3, classes: 5, seed: seed),
    ]
    for network in networks {
      let scores = network(images, in: ForwardPass(.training)).scores.value
      #expect(scores.shape == [2, 5] && scores.isFinite)
    }
  }

  /// Every convolution has a weight for each product, once a pixel of its result: MACs grow as the pixels do.
  @Test func `MACs of convolutions grow with the pixels, and parameters do not`() {
    func networks(_ extent: Int) -> [NetworkCost] {
      [
        networkCost(of: NASBench201Genotype(ordinal: 1462), classes: 10, imageExtent: extent),
        networkCost(of: DARTSGenotype.dartsV2, classes: 10, imageExtent: extent),
      ]
    }
    // Of classifiers, which see one pixel whatever the image.
    let classifiers = [650, 10 * (4 * 36 * 4) + 10]
    for (index, pair) in zip(networks(32), networks(64)).enumerated() {
      #expect(pair.0.parameters == pair.1.parameters)
      #expect(pair.1.macs - classifiers[index] == 4 * (pair.0.macs - classifiers[index]))
    }
    for space in [SearchSpace.nasBench201, .darts] {
      let costs = [16, 32].map {
        supernetCost(of: space, channels: 8, cells: 3, imageExtent: $0)
      }
      #expect(costs[1].edges.macs == 4 * costs[0].edges.macs)
      #expect(costs[1].parameters == costs[0].parameters)
      let bytes = [16, 32].map {
        predictedPeakBytes(of: space, channels: 8, cells: 3, batch: 64, imageExtent: $0)
      }
      #expect(bytes[1] > 3 * bytes[0] && bytes[1] < 4 * bytes[0], "\(bytes)")
    }
  }

  @Test func `more classes make a larger classifier alone`() {
    let costs = [10, 100].map { networkCost(of: NASBench201Genotype(ordinal: 7), classes: $0) }
    #expect(costs[1].parameters - costs[0].parameters == 90 * 65)
    #expect(costs[1].macs - costs[0].macs == 90 * 65)
  }
}
