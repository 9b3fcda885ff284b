import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

@Suite("Drop path")
struct DropPathTests {
  private let images = sample([4, 32, 32, 3])

  private func dropPath(_ probability: Double, seed: UInt64 = 1) -> DropPath {
    DropPath(probability: probability, generator: RandomGenerator(seed: seed))
  }

  @Test func `whole images are dropped, the others scaled`() {
    let x = Tensor(repeating: 1, shape: [4000, 1, 2, 2])
    var drop = dropPath(0.2)
    let y = drop(.constant(x), in: ForwardPass(.training)).value
    var kept = 0
    for n in 0..<4000 {
      let first = y[4 * n]
      #expect(first == 0 || first == 1.25)
      #expect((0..<4).allSatisfy { y[4 * n + $0] == first }, "an image is dropped as a whole")
      if first > 0 { kept += 1 }
    }
    // Four standard deviations of 25.
    #expect(abs(kept - 3200) < 100)
    #expect(drop(.constant(x), in: ForwardPass(.training)).value != y, "every draw is another")
  }

  @Test func `nothing is dropped in evaluation or with probability 0`() {
    let x = sample([5, 2, 2, 3])
    for (probability, mode) in [(0.5, ForwardPass.Mode.evaluation), (0, .training)] {
      var drop = dropPath(probability)
      #expect(drop(.constant(x), in: ForwardPass(mode)).value == x)
    }
  }

  private func scores(
    _ genotype: DARTSGenotype, _ dropPath: DropPath, _ mode: ForwardPass.Mode = .training
  ) -> Tensor {
    let net = DARTSNetwork(
      genotype, channels: 2, layers: 3, classes: 5, seed: RandomGenerator(seed: 2))
    net.dropPath = dropPath
    return net(images, in: ForwardPass(mode)).scores.value
  }

  @Test func `the seed decides what the network drops`() {
    let genotype = DARTSGenotype.dartsV1
    #expect(scores(genotype, dropPath(0.3)) == scores(genotype, dropPath(0.3)))
    #expect(scores(genotype, dropPath(0.3)) != scores(genotype, dropPath(0.3, seed: 2)))
    #expect(scores(genotype, dropPath(0.3)) != scores(genotype, .off))
    #expect(
      scores(genotype, dropPath(0.3), .evaluation) == scores(genotype, .off, .evaluation))
  }

  @Test func `an identity is never dropped, any other operation is`() {
    let identities = DARTSGenotype.Cell(
      (0..<8).map { .init(.skipConnect, from: $0 % 2) })
    for (operation, isDropped) in [
      (Primitive.skipConnect, false), (.avgPool3x3, true), (.maxPool3x3, true),
      (.dilConv5x5, true),
    ] {
      let normal = DARTSGenotype.Cell((0..<8).map { .init(operation, from: $0 % 2) })
      let plan = DARTSCellPlan.network(channels: 2, layers: 3)[0]
      let cell = DiscreteDARTSCell(
        DARTSGenotype(normal: normal, reduction: identities), plan, name: "c",
        seed: RandomGenerator(seed: 1))
      let x = Variable.constant(sample([6, 8, 8, 6]))
      var (some, none) = (dropPath(0.5), DropPath.off)
      let dropped = cell(x, x, &some, in: ForwardPass(.training)).value
      #expect((dropped != cell(x, x, &none, in: ForwardPass(.training)).value) == isDropped)
    }
    // At stride 2 a skip connection is a factorized reduction, and is dropped.
    let all = DARTSGenotype(normal: identities, reduction: identities)
    #expect(scores(all, dropPath(0.5)) != scores(all, .off))
  }

  @Test func `the gradient is scaled as the image is`() {
    expectGradients(at: [sample([3, 2, 2, 4])]) { scaleImages($0[0], by: [0, 1.25, -2]) }
  }
}
