import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

@Suite("The supernet of DARTS")
struct DARTSSupernetTests {
  private func network(
    channels: Int = 2, layers: Int = 3, space: SearchSpace = .darts
  ) -> DARTSSupernet {
    DARTSSupernet(
      space, channels: channels, layers: layers, classes: 10, seed: RandomGenerator(seed: 1))
  }

  @Test func `reductions stand at one and two thirds and double the channels`() {
    let plan = DARTSCellPlan.network(channels: 16, layers: 8)
    #expect(
      plan.map(\.isReduction)
        == [2, 5].reduce(into: Array(repeating: false, count: 8)) { $0[$1] = true })
    #expect(plan.map(\.channels) == [16, 16, 32, 32, 32, 64, 64, 64])
    #expect(
      plan.map(\.inputs) == [
        [48, 48], [48, 64], [64, 64], [64, 128], [128, 128], [128, 128], [128, 256], [256, 256],
      ])
    #expect(
      plan.map(\.followsReduction)
        == [3, 6].reduce(into: Array(repeating: false, count: 8)) { $0[$1] = true })
  }

  /// The number that the published code prints for its supernet.
  @Test func `the supernet has as many weights as the published code's`() {
    let weights = network(channels: 16, layers: 8).parameters
    #expect(weights.reduce(0) { $0 + $1.value.shape.count } == 1_930_618)
  }

  @Test func `scores, and a gradient for every weight and logit`() {
    let net = network()
    let all = net.architectureParameters + net.parameters
    let pass = ForwardPass(.training, differentiating: all)
    let images = sample([2, 32, 32, 3], 1)
    let scores = net(images, Softmax(), in: pass)
    #expect(scores.shape == [2, 10])
    for (parameter, gradient) in zip(all, pass.gradients(of: crossEntropy(scores, labels: [3, 7])))
    {
      #expect(gradient.isFinite && gradient.dot(gradient) > 0, "\(parameter.name)")
    }
  }

  @Test func eqD1_2_aNodeIsTheSumOfItsEdges() {
    let skip = SearchSpace.darts.mapPaths { _ in SearchSpace.dartsPath(.skipConnect) }
    let cell = SearchCell(skip, channels: 3, name: "c", seed: RandomGenerator(seed: 1))
    let weights = RelaxedArchitecture(logits: .constant(.zeros([14, 8])), relaxation: Softmax())
    let (a, b) = (sample([1, 4, 4, 3], 1), sample([1, 4, 4, 3], 2))
    let nodes = cell([.constant(a), .constant(b)], weights, in: ForwardPass(.training))
    // x_2 = a + b, x_3 = a + b + x_2, x_4 = a + b + x_2 + x_3, ...
    for (node, factor) in zip(nodes[2...], [1, 2, 4, 8] as [Scalar]) {
      expectClose(node.value, factor * (a + b))
    }
  }

  @Test func eqD1_2_edgesOfTheInputsOfAReductionCellHalveTheImage() {
    let space = SearchSpace.darts
    #expect(space.edges.count == 14)
    for (edge, operation) in zip(space.edges, space.cells[1].operations) {
      let y = PathNetwork(operation.path, channels: 4, name: "e", seed: RandomGenerator(seed: 1))(
        .constant(sample([1, 8, 8, 4])),
        RelaxedArchitecture(logits: .constant(.zeros([1, 8])), relaxation: Softmax()),
        in: ForwardPass(.training))
      #expect(y.shape == (edge.source < 2 ? [1, 4, 4, 4] : [1, 8, 8, 4]))
    }
  }

  @Test func eqD1_3_theOutputIsTheConcatenationOfTheFourNodes() {
    let plan = DARTSCellPlan.network(channels: 2, layers: 3)[0]
    let weights = RelaxedArchitecture(logits: .constant(.zeros([14, 8])), relaxation: Softmax())
    func output(_ space: SearchSpace) -> Tensor {
      DARTSCell(space, plan, name: "c", seed: RandomGenerator(seed: 1))(
        .constant(sample([2, 8, 8, 6], 1)), .constant(sample([2, 8, 8, 6], 2)), weights,
        in: ForwardPass(.training)
      ).value
    }
    let y = output(.darts.mapPaths { _ in SearchSpace.dartsPath(.skipConnect) })
    #expect(y.shape == [2, 8, 8, 8])
    // With skip connections alone node j is 2^(j - 2) times the sum of the inputs.
    for j in 1..<4 {
      expectClose(y.channels(2 * j..<2 * j + 2), Scalar(1 << j) * y.channels(0..<2), absolute: 1e-4)
    }
  }

  @Test func `a factorized reduction sees every pixel`() {
    let x = sample([1, 4, 4, 2], 1)
    let (even, odd) = (sample([1, 1, 1, 2], 2), sample([1, 1, 1, 2], 3))
    let y = factorizedReduction(.constant(x), even: .constant(even), odd: .constant(odd)).value
    #expect(y.shape == [1, 2, 2, 2])
    for i in 0..<2 {
      for j in 0..<2 {
        let first = x[0, 2 * i, 2 * j, 0] * even[0] + x[0, 2 * i, 2 * j, 1] * even[1]
        let second = x[0, 2 * i + 1, 2 * j + 1, 0] * odd[0] + x[0, 2 * i + 1, 2 * j + 1, 1] * odd[1]
        expectClose(y[0, i, j, 0], first)
        expectClose(y[0, i, j, 1], second)
      }
    }
    expectGradients(at: [x, even, odd]) { factorizedReduction($0[0], even: $0[1], odd: $0[2]) }
  }

  @Test func `every second pixel equals its naive twin`() {
    for (channels, offset) in [(1, 0), (3, 1), (17, 0), (16, 1)] {
      let x = sample([3, 6, 4, channels])
      #expect(Subsampling.forward(x, offset: offset) == Naive.subsampling(x, offset: offset))
    }
  }

  @Test func `odd images have no factorized reduction`() async {
    await #expect(processExitsWith: .failure) {
      _ = Subsampling.forward(.zeros([1, 3, 4, 2]), offset: 0)
    }
  }
}
