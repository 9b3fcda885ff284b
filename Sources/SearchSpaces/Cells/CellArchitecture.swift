import Autodiff
import NeuralNetworks
import Tensors

/// The architecture parameters that all cells of one kind share.
struct CellArchitecture {
  /// The logits [edges, columns] of the candidates.
  let alpha: Parameter
  /// The logits [edges] of the edges in their nodes, where the form of the edges has them.
  let beta: Parameter?
  private let space: SearchSpace
  private let kind: Int

  /// Creates the parameters of `kind` (an index into the space's cells) at 0.001 N(0, 1).
  init(_ space: SearchSpace, kind: Int, suffix: String = "", seed: RandomGenerator) {
    self.space = space
    self.kind = kind
    alpha = space.cells[kind].initialAlpha("alpha\(suffix)", seed: seed)
    let name = "beta\(suffix)"
    var generator = seed.stream(name)
    beta =
      space.edgeForm.isNormalized
      ? Parameter(
        name, .normal([space.edges.count], standardDeviation: 1e-3, using: &generator)) : nil
  }

  /// The weights of one pass through the network.
  func relaxed(by relaxation: any Relaxation, in pass: ForwardPass) -> RelaxedArchitecture {
    RelaxedArchitecture(
      logits: pass.variable(alpha), relaxation: relaxation.forCells(ofKind: kind),
      edgeShares: beta.map { edgeShares(pass.variable($0), targets: space.edges.map(\.target)) })
  }

  /// The logarithm of the weight with which every candidate enters its node: [edges, candidates].
  ///
  /// Equation: D2-3 [published: yuhuixu1993/PC-DARTS]. softmax(alpha_ij)_k softmax(beta_j)_i; then the rule of DARTS.
  var logCandidateWeights: Tensor {
    let inside = space.cells[kind].logCandidateWeights(alpha.value)
    guard let beta else { return inside }
    let shares = logEdgeShares(.constant(beta.value), targets: space.edges.map(\.target)).value
    let candidates = inside.shape[1]
    return Tensor(
      (0..<inside.shape.count).map { inside[$0] + shares[$0 / candidates] }, shape: inside.shape)
  }
}

extension [CellArchitecture] {
  /// What the architecture's optimizer changes: the alphas of all kinds, then the betas.
  var parameters: [Parameter] { map(\.alpha) + compactMap(\.beta) }
}
