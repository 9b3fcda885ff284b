import Autodiff
import NeuralNetworks
import Tensors

/// The architecture parameters that all cells of one kind share.
struct CellArchitecture {
  /// The logits [edges, columns] of the candidates.
  let alpha: Parameter
  /// What the form of the nodes has besides them.
  let nodeParameters: [Parameter]
  private let space: SearchSpace
  private let kind: Int

  /// Creates the parameters of `kind` (an index into the space's cells) at their starting points.
  init(_ space: SearchSpace, kind: Int, suffix: String = "", seed: RandomGenerator) {
    self.space = space
    self.kind = kind
    alpha = space.cells[kind].initialAlpha("alpha\(suffix)", seed: seed)
    nodeParameters = space.nodeForm.parameters(of: space.edges).map { parameter in
      let name = parameter.name + suffix
      var generator = seed.stream(name)
      return Parameter(
        name,
        .normal(parameter.shape, standardDeviation: parameter.deviation, using: &generator))
    }
  }

  /// The weights of one pass through the network.
  func relaxed(by relaxation: any Relaxation, in pass: ForwardPass) -> RelaxedArchitecture {
    let (relaxation, form) = (relaxation.forCells(ofKind: kind), space.nodeForm)
    let edgeShares = relaxation.edgeShares(
      nodeParameters.map(pass.variable), of: space.edges, in: form)
    return RelaxedArchitecture(
      logits: pass.variable(alpha), relaxation: relaxation, edgeShares: edgeShares,
      outputShares: form.outputShares(edgeShares, edges: space.edges))
  }

  /// The logarithm of the weight with which every candidate enters its node: [edges, candidates].
  var logCandidateWeights: Tensor {
    let inside = space.cells[kind].logCandidateWeights(alpha.value)
    let parameters = nodeParameters.map { Variable.constant($0.value) }
    guard let shares = space.nodeForm.logEdgeShares(parameters, edges: space.edges)?.value else {
      return inside
    }
    let candidates = inside.shape[1]
    return Tensor(
      (0..<inside.shape.count).map { inside[$0] + shares[$0 / candidates] }, shape: inside.shape)
  }

  /// The edges of the discrete cell that the parameters stand for now.
  var derivedEdges: [DerivedEdge] {
    space.derivation.edges(
      CellEvidence(
        space, logWeights: logCandidateWeights, nodeParameters: nodeParameters.map(\.value)))
  }
}

extension [CellArchitecture] {
  /// What the architecture's optimizer changes: the alphas of all kinds, then what the nodes have.
  var parameters: [Parameter] { map(\.alpha) + flatMap(\.nodeParameters) }
}
