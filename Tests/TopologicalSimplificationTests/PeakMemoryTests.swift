import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

/// The maps that a pass keeps, counted by hand for single edges, and the memory of whole networks.
@Suite("Predicted peak memory")
struct PeakMemoryTests {
  private static let full = MapSize.reference
  private static let half = MapSize(channels: 16, height: 16, width: 16)

  private func path(_ space: SearchSpace, kind: Int = 0, _ simplifier: Simplifier?) -> Path {
    let plain = space.cells[kind].operations[0].path
    return simplifier?.simplify(plain).path ?? plain
  }

  // MARK: Edges of NAS-Bench-201

  @Test(arguments: SearchStep.allCases)
  func `an edge of NAS-Bench-201 keeps the outputs of its convolutions`(_ step: SearchStep) {
    // The ReLUs, the pool, and the batch norms at the end store nothing.
    #expect(keptMaps(of: path(.nasBench201, nil), for: step) == [Self.full, Self.full])
    #expect(keptMaps(of: path(.nasBench201, Simplifier()), for: step) == [Self.full])
  }

  // MARK: Edges of DARTS

  @Test func `a plain edge of DARTS`() {
    // Two pools; two pointwise convolutions of each separable one, one of each dilated one. What the depthwise
    // convolutions read and give is computed again.
    let kept = keptMaps(of: path(.darts, nil))
    #expect(kept == Array(repeating: Self.full, count: 2 + 2 * 2 + 2))
  }

  @Test func `an edge of variant T`() {
    // Two pools; the pointwise convolutions of both stages.
    for step in SearchStep.allCases {
      #expect(keptMaps(of: path(.darts, Simplifier()), for: step).count == 2 + 2)
    }
  }

  @Test func `an edge of variant P`() {
    let variant = Simplifier(grouping: Grouping(.pairs))
    #expect(keptMaps(of: path(.darts, variant)).count == 2 + 2 + 1)
  }

  @Test func `summands that are not merged are kept for their weights`() {
    let path = Path.chain([
      .choice(
        [0, 1].map { index in
          Branch(
            ArchitectureWeight([index], within: [0, 1]),
            .module(
              ModuleSpec(.convolution(Window(3), .depthwise, .own), of: "\(index)", role: "conv")))
        }), .module(ModuleSpec(.batchNorm, of: "bn")),
    ])
    #expect(keptMaps(of: path, for: .weights).count == 1, "the sum, for the batch norm")
    #expect(keptMaps(of: path, for: .alpha).count == 3, "and both summands")
  }

  @Test func `an edge that halves the image`() {
    // The quarters of a factorized reduction, its result; all else as at stride 1, halved.
    let kept = keptMaps(of: path(.darts, kind: 1, nil))
    #expect(kept.count == 2 + 3 + 2 * 2 + 2)
    #expect(kept.allSatisfy { $0 == Self.half })
  }

  // MARK: Edges that share

  @Test func `pools are kept once however many edges leave a node`() {
    let pool = Path.chain([
      ModuleSpec(.averagePool(Window(3)), of: "a", role: "pool"),
      ModuleSpec(.batchNorm, of: "a", role: "bn"),
    ])
    let twice = Path.choice(
      [0, 1].map { Branch(ArchitectureWeight([$0], within: [0, 1]), pool) })
    #expect(keptMaps(of: twice).count == 1)
  }

  // MARK: Networks

  /// Bytes that tensors held at the peak of a step at C = 16 and batch 64, measured, in MiB.
  @Test(
    .enabled(if: MemoryLayout<Scalar>.size == 4),
    arguments: [(false, 5, 566, 368), (true, 8, 1950, 994)])
  func `the prediction is near what was measured`(
    _ isDARTS: Bool, _ cells: Int, _ plain: Double, _ simplified: Double
  ) {
    let space: SearchSpace = isDARTS ? .darts : .nasBench201
    let predictions = [space, Simplifier().simplify(space)].map {
      Double(predictedPeakBytes(of: $0, channels: 16, cells: cells, batch: 64)) / 1_048_576
    }
    #expect(abs(predictions[0] / plain - 1) < 0.02, "\(predictions[0]) MiB")
    #expect(abs(predictions[1] / simplified - 1) < 0.02, "\(predictions[1]) MiB")
    #expect(
      abs(predictions[1] / predictions[0] / (simplified / plain) - 1) < 0.02, "\(predictions)")
  }

  @Test func `memory grows with the batch, and no simplification raises it`() {
    for space in [SearchSpace.nasBench201, .darts] {
      let bytes = [8, 16, 32].map {
        predictedPeakBytes(of: space, channels: 4, cells: 2, batch: $0)
      }
      #expect(2 * (bytes[1] - bytes[0]) < bytes[2])
      #expect(bytes[0] < bytes[1] && bytes[1] < bytes[2])
      for variant in Grouping.Variant.allCases {
        let simplified = Simplifier(grouping: Grouping(variant)).simplify(space)
        #expect(
          predictedPeakBytes(of: simplified, channels: 4, cells: 2, batch: 32) < bytes[2])
      }
    }
  }

  @Test func `a network that is all weights holds them three times`() {
    let weights = supernetCost(of: .nasBench201, channels: 256, cells: 3).parameters
    let bytes = predictedPeakBytes(of: .nasBench201, channels: 256, cells: 3, batch: 1)
    #expect(bytes == 3 * weights * MemoryLayout<Scalar>.size)
  }
}
