import Testing

@testable import Reports

@Suite("Rooflines")
struct RooflineTests {
  /// 100 GFLOP/s, and 50 GB/s: the corner is at 2 operations per byte.
  private func svg(_ kernels: [Roofline.Kernels], memories: [Double] = [5e10]) -> String {
    Roofline(
      "t", caption: "c", peak: 1e11,
      memories: memories.map { Roofline.Memory("memory", bandwidth: $0) }, kernels: kernels
    ).svg
  }

  private func marks(_ svg: String) -> [(x: Int, y: Int)] {
    svg.matches(of: /<circle cx="(\d+)" cy="(\d+)"/).map { (Int($0.1) ?? 0, Int($0.2) ?? 0) }
  }

  @Test func `the bound rises with the bandwidth, and then is flat`() {
    let bounds = [0.5, 1, 2, 4].map {
      Roofline.bound(intensity: $0, peak: 1e11, bandwidth: 5e10)
    }
    #expect(bounds == [2.5e10, 5e10, 1e11, 1e11])
  }

  @Test func `kernels lie where their rates are, equal ratios apart`() {
    let found = marks(svg([.init("a", [(1, 1e9), (2, 1e10), (4, 1e11), (16, 1e11)])]))
    #expect(found.count == 5, "four marks, and one in the legend")
    #expect(abs((found[1].x - found[0].x) - (found[2].x - found[1].x)) <= 1)
    #expect(abs((found[3].x - found[2].x) - 2 * (found[1].x - found[0].x)) <= 2)
    #expect(abs((found[0].y - found[1].y) - (found[1].y - found[2].y)) <= 1)
    #expect(found[2].y == found[3].y && found[2].y < found[1].y)
  }

  @Test func `a roof has its corner where both bounds meet`() throws {
    let picture = svg([.init("a", [(2, 1e11)])])
    let mark = try #require(marks(picture).first)
    let roof = try #require(
      picture.firstMatch(of: /<path d="M([0-9.]+) ([0-9.]+)L([0-9.]+) ([0-9.]+)L/))
    let corner = (x: try #require(Double(roof.3)), y: try #require(Double(roof.4)))
    #expect(abs(corner.x - Double(mark.x)) <= 1 && abs(corner.y - Double(mark.y)) <= 1)
    #expect(picture.contains("memory, 50 GB/s"))
  }

  @Test func `each memory has a roof, and no kernels are no fault`() {
    #expect(svg([], memories: [5e10, 2e11]).matches(of: /stroke-dasharray="6 3"/).count == 2)
    #expect(SVGReader(svg([])) != nil)
  }
}
