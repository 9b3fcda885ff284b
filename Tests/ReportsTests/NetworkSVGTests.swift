import SearchSpaces
import Testing

@testable import Reports

@Suite("Pictures of networks")
struct NetworkSVGTests {
  private func texts(_ space: SearchSpace, _ plan: NetworkPlan) throws -> [String] {
    try #require(SVGReader(NetworkSVG("a < b", caption: "1 & 2", plan, of: space).svg)).texts
  }

  @Test func `neighbours that are alike are one box`() throws {
    let space = SearchSpace.nasBench201
    #expect(
      try texts(space, space.plan(channels: 8, cells: 3)) == [
        "a < b", "1 & 2", "stem", "8 channels", "32 x 32", "3 x cell", "8 channels", "32 x 32",
        "residual block", "16 channels", "16 x 16", "3 x cell", "16 channels", "16 x 16",
        "residual block", "32 channels", "8 x 8", "3 x cell", "32 channels", "8 x 8", "BN, ReLU",
        "32 channels", "8 x 8", "classifier", "10 classes",
      ])
  }

  @Test func `an auxiliary head is drawn where it reads`() throws {
    let plan = DARTSGenotype.dartsV2.plan(
      NetworkSize(channels: 4, cells: 3, hasAuxiliaryHead: true), classes: 7)
    #expect(
      try texts(.darts, plan).dropFirst(2) == [
        "stem", "12 channels", "32 x 32", "normal cell", "16 channels", "32 x 32",
        "reduction cell", "32 channels", "16 x 16", "reduction cell", "64 channels", "8 x 8",
        "auxiliary head", "7 classes", "in training", "classifier", "7 classes",
      ])
  }
}
