import Foundation
import SearchMethods
import SearchSpaces
import TestSupport
import Testing
import TopologicalSimplification

/// What gates cost and how many networks they yield: B-4, B-9, B-11.
@Suite("GOLD-NAS: cost and size")
struct GOLDNASGatedChainTests {
  private let golden: GoldenFile
  private let next: GoldenFile
  init() throws {
    golden = try GoldenFile("methods-golden")
    next = try GoldenFile("methods-next-golden")
  }

  // MARK: B-4

  @Test func eqB4_golden() throws {
    let test = try golden["gold-flops"]
    let channels = try test.vector("channels").map { Int($0) }
    let costs = zip(channels, [32, 16, 8]).map { separableConvolutionCost($0, extent: $1) }
    expectClose(costs, try test.vector("sepConv3x3"), absolute: 1e-12)
    expectClose(
      skipCost(isStrided: true, 72, extent: 16), try test.scalar("strideTwoSkip"), absolute: 1e-12)
    let supernet = try golden["gold-supernet-flops"]
    expectClose(GatedChain().gatedCost, try supernet.scalar("edges"), absolute: 1e-9)
    expectClose(
      GatedChain().gatedCost + (try supernet.scalar("base")), try supernet.scalar("total"),
      absolute: 1e-9)
  }

  @Test(arguments: [1, 2]) func eqB4_itIsTheCountOfTheModules(_ stride: Int) {
    for (channels, extent) in [(36, 32), (72, 16), (8, 8)] {
      let input = MapSize(channels: channels, height: stride * extent, width: stride * extent)
      func macs(_ primitive: Primitive) -> Double {
        Double(cost(of: SearchSpace.dartsPath(primitive, stride: stride), at: input).macs) / 1e6
      }
      expectClose(
        separableConvolutionCost(channels, extent: extent), macs(.sepConv3x3), absolute: 1e-12)
      expectClose(
        skipCost(isStrided: stride == 2, channels, extent: extent), macs(.skipConnect),
        absolute: 1e-12)
    }
  }

  @Test func eqB4_limit_onlyTheSkipsFromTheInputsOfAReductionCost() {
    let chain = GatedChain()
    let skips = (0..<14).map {
      chain.gatedCell($0).costs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    }
    for (index, costs) in skips.enumerated() where ![4, 9].contains(index) {
      #expect(costs.allSatisfy { $0 == 0 })
    }
    #expect(skips[4].indices.filter { skips[4][$0] > 0 } == [0, 1, 2, 3, 5, 6, 9, 10])
    #expect(chain.cells.indices.filter { chain.cells[$0].isReduction } == [4, 9])
  }

  @Test func eqB4_negative_theDepthwisePartDoesNotGrowAsThePointwiseOne() {
    // With 9 C_0 instead of 9 C_0 / r all cells would cost the same.
    #expect(separableConvolutionCost(72, extent: 16) < separableConvolutionCost(36, extent: 32))
  }

  // MARK: B-11

  @Test func eqB11_golden() throws {
    let test = try next["gold-base-flops"]
    let sizes = zip(try test.vector("channels"), try test.vector("cells"))
    let costs = sizes.map { GatedChain(channels: Int($0), cells: Int($1)).baseCost }
    expectClose(costs, try test.vector("base"), absolute: 1e-9)
  }

  @Test func eqB11_negative_theConstantOfTheCodeIsNoCount() throws {
    let constant = try next["gold-base-flops"].scalar("constantOfTheCode")
    let ratio = constant / GatedChain().baseCost
    #expect(ratio > 1.014 && ratio < 1.016, "1.5 % more")
  }

  @Test func eqB11_limit_oneCellByHand() {
    // A single cell is a reduction: 2 channels become 4, both inputs have the stem's 6.
    let chain = GatedChain(channels: 2, cells: 1, extent: 8, classes: 3)
    #expect(chain.cells.map(\.isReduction) == [true])
    expectClose(
      chain.baseCost, Double(81 * 2 * 64 + 12 * 4 * 64 + 4 * 4 * 3) / 1e6, absolute: 1e-12)
  }

  // MARK: B-9

  @Test func eqB9_golden() throws {
    let test = try golden["gold-space"]
    #expect("\(GatedChain().gatedCell(0).architectureCount)" == "\(try test.integer("cell"))")
    for cells in [14, 20] {
      let digits = "\(GatedChain(cells: cells).architectureCount)"
      let leading = try #require(Double(digits.prefix(15)))
      expectClose(
        log10(leading) + Double(digits.count - 15), try test.scalar("log10Cells\(cells)"),
        absolute: 1e-9)
    }
  }

  @Test func eqB9_theCountOfASmallNodeByHand() {
    // Two edges of two operations: 16 sets, one of them empty.
    let nonEmpty = (0..<16).count { $0 != 0 }
    #expect("\(GatedCell(targets: [2, 2], operations: 2).architectureCount)" == "\(nonEmpty)")
    #expect("\(GatedCell(targets: [2, 2, 3], operations: 2).architectureCount)" == "45")
  }

  @Test func eqB9_negative_emptyNodesAreNoArchitectures() {
    #expect("\(GatedChain().gatedCell(0).architectureCount)" != "\(1 << 28)")
  }
}
