import Autodiff
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import Testing
import TopologicalSimplification

// A rewrite rule is a function from a sum to what may take its place.

extension RewriteRule {
  /// After a ReLU and a max pool nothing is negative, so that a second ReLU changes nothing.
  ///
  /// Its turn is before all others: once the first ReLU is shared with other candidates, the rule does not see it.
  fileprivate static let dropReLU = RewriteRule(
    "needless ReLU", statement: "a ReLU of what is not negative is left out",
    exactness: .everywhere
  ) { sum, _, _ in
    sum.indices.compactMap { place in
      var steps = sum[place].path.steps
      let signatures = steps.map { $0.singleModule?.signature ?? "" }
      guard
        let first = signatures.indices.dropLast(2).first(where: {
          signatures[$0] == "ReLU" && signatures[$0 + 1].hasPrefix("max pool")
            && signatures[$0 + 2] == "ReLU"
        })
      else { return nil }
      steps.remove(at: first + 2)
      var rewritten = sum
      rewritten[place] = Branch(sum[place].weight, .chain(steps))
      return Rewrite(
        Path.choice(rewritten).flattened, subject: "ReLU", of: [sum[place]],
        exactness: .everywhere, turn: .first)
    }
  }
}

@Suite("A rewrite rule of one's own")
struct RewriteRuleTests {
  /// NAS-Bench-201 with a convolution of a pooled map.
  private let space = SearchSpace.nasBench201.adding(
    Candidate("pooled_conv") { stride in
      .chain([
        ModuleSpec(.relu, of: "pooled_conv", role: "relu0"),
        ModuleSpec(.maxPool(Window(3)), of: "pooled_conv", role: "pool"),
        ModuleSpec(.relu, of: "pooled_conv", role: "relu1"),
        ModuleSpec(
          .convolution(Window(3, stride: stride), .dense, .own), of: "pooled_conv", role: "conv"),
        ModuleSpec(.batchNorm, of: "pooled_conv", role: "bn"),
      ])
    })

  @Test func `it is exact, alone and among the rules of TopoNAS`() throws {
    let alone = Simplifier(rules: [.dropReLU])
    let steps = alone.simplify(space.paths[0]).steps
    #expect(steps.map { $0.before.modules - $0.after.modules } == [1])
    let together = Simplifier(rules: RewriteRule.all + [.dropReLU]).simplify(space.paths[0])
    #expect(together.steps.contains { $0.rule == .dropReLU })
    #expect(
      cost(of: together.path).modules < cost(of: Simplifier().simplify(space.paths[0]).path).modules
    )
    let batch = try SearchHalves(images, batchSize: 4, seed: seed).training.epoch(0)[0]
    func scores(_ space: SearchSpace) -> Tensor {
      supernet(space)(batch.images, SoftmaxRelaxation(), in: ForwardPass(.training)).value
    }
    #expect(scores(space) == scores(alone.simplify(space)))
  }

  @Test func `what it rewrote is searched, resumed and reported`() throws {
    let trial = try tried(
      space, simplifiedBy: Simplifier(rules: RewriteRule.all + [.dropReLU]))
    #expect(trial.page.contains("entropy"))
  }
}
