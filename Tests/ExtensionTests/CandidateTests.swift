import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

// A candidate is a name and a path.

extension Candidate {
  /// ReLU, 5x5 convolution, batch norm.
  fileprivate static let norConv5x5 = Candidate("nor_conv_5x5") { stride in
    .chain([
      ModuleSpec(.relu, of: "nor_conv_5x5", role: "relu"),
      ModuleSpec(
        .convolution(Window(5, stride: stride), .dense, .own), of: "nor_conv_5x5", role: "conv"),
      ModuleSpec(.batchNorm, of: "nor_conv_5x5", role: "bn"),
    ])
  }
}

@Suite("A candidate of one's own")
struct CandidateTests {
  private let space = SearchSpace.nasBench201.adding(.norConv5x5)

  @Test(arguments: [nil, Simplifier()])
  func `it is searched, resumed and reported, plain and simplified`(_ simplifier: Simplifier?)
    throws
  {
    let trial = try tried(space, simplifiedBy: simplifier)
    #expect(trial.search.network.alphas[0].value.shape == [6, 6])
    #expect(trial.search.results[0].edgeCount == 6)
    #expect(trial.page.contains("train loss") && trial.page.contains("</svg>"))
  }

  @Test func `it is merged with the other convolutions, and costs only its kernel`() {
    let (path, steps) = Simplifier().simplify(space.paths[0])
    #expect(
      path.modules.map { "\($0)" }.contains(
        "conv 5x5 <- nor_conv_1x1.conv + nor_conv_3x3.conv + nor_conv_5x5.conv"))
    #expect(steps.map(\.rule) == [.sharePrefix, .shareSuffix, .reparameterize])
    #expect(cost(of: space.paths[0]).modules == 10 && cost(of: path).modules == 4)
  }

  @Test func `a derived cell of it is drawn and read back`() throws {
    let text = "cell(0->1 nor_conv_5x5, 1->3 skip_connect)"
    let genotype = try CellGenotype(parsing: text, of: space)
    #expect("\(genotype)" == text && genotype.skipCount == 1)
  }
}
