import Autodiff
import Tensors

/// A term of the architecture's loss that speaks against invalid topologies.
///
/// The form is this project's reconstruction: the publication has a passive-aggressive regularization, whose formula is
/// not known here.
public struct PassiveAggressiveTerm: Hashable, Sendable, CustomStringConvertible {
  /// When the term acts.
  public enum Form: Hashable, Sendable {
    /// On each node whose probability to be of no use is larger than the margin.
    case hinge(margin: Double)
    /// On all nodes, while the topology that would be derived now is invalid.
    case gated
  }

  /// When the term acts.
  public let form: Form
  /// lambda: what it is multiplied by.
  public let weight: Double

  /// Creates the term; there is no source for either number.
  public init(_ form: Form = .hinge(margin: 0), weight: Double = 0.1) {
    self.form = form
    self.weight = weight
  }

  /// R, of one kind of cells, without the weight.
  ///
  /// - Parameters:
  ///   - beta: [subsets].
  ///   - topology: the families.
  ///   - temperature: tau > 0.
  ///   - nodesDangle: whether a node without a successor is of no use: not so where the output joins all nodes.
  /// - Returns: a number; nil if no topology is invalid.
  public func callAsFunction(
    _ beta: Variable, _ topology: CellTopology, temperature: Scalar, nodesDangle: Bool
  ) -> Variable? {
    let pi = subsetProbabilities(beta, topology, temperature: temperature)
    let probabilities = [
      nodesDangle ? danglingProbabilities(edgeMarginals(pi, topology), topology) : nil,
      emptyProbabilities(pi, topology),
    ].compactMap { $0 }
    guard !probabilities.isEmpty else { return nil }
    return switch form {
    case .hinge(let margin): hingeTerm(probabilities, margin: Scalar(margin))
    case .gated:
      gatedTerm(
        probabilities,
        isInvalid: topology.isInvalid(
          topology.strongestSubsets(beta.value), nodesDangle: nodesDangle))
    }
  }

  /// For example `hinge of margin 0.0, weight 0.1`.
  public var description: String {
    switch form {
    case .hinge(let margin): "hinge of margin \(margin), weight \(weight)"
    case .gated: "gate, weight \(weight)"
    }
  }
}

extension CellTopology {
  /// Whether one choice of sets has a node of no use.
  func isInvalid(_ chosen: [[Int]], nodesDangle: Bool) -> Bool {
    nodesDangle && !danglingNodes(chosen).isEmpty || !emptyNodes(chosen).isEmpty
  }
}

/// The hinge form of the term.
///
/// Reconstructed by this project in the sense of the passive-aggressive learning of Crammer et al.; not the
/// publication's formula. The derivative at the margin itself is 0.
///
/// Equation: A-11 [reconstructed: low]. R = sum over i of max(0, P(i) - epsilon): 0, passive, while the constraint holds, else
/// linear, aggressive.
///
/// Explained in chapter 27.
public func hingeTerm(_ probabilities: [Variable], margin epsilon: Scalar) -> Variable {
  let parts = probabilities.map { p in
    sum(relu(p - .constant(Tensor(repeating: epsilon, shape: p.shape))))
  }
  return parts.dropFirst().reduce(parts[0], +)
}

/// The gated form of the term.
///
/// Reconstructed by this project; not the publication's formula.
///
/// Equation: A-12 [reconstructed: low]. R = [arg-max topology invalid] sum over i of P(i); the indicator is not differentiated.
///
/// Explained in chapter 27.
public func gatedTerm(_ probabilities: [Variable], isInvalid: Bool) -> Variable {
  let parts = probabilities.map { sum($0) }
  return Scalar(isInvalid ? 1 : 0) * parts.dropFirst().reduce(parts[0], +)
}

/// The gradient of the hinge form.
///
/// Shapes: beta [subsets]; result [subsets].
///
/// Equation: A-21 [derived]. dR / dbeta_j(S) = sum over i with P(i) > epsilon of (- product over j' != j of (1 - q_ij'))
/// dq_ij / dbeta_j(S); for P_in: dpi_j(empty) / dbeta_j(S) = pi_j(empty) ([S = empty] - pi_j(S)) / tau.
///
/// Explained in chapter 27.
public func hingeGradient(
  _ beta: Tensor, _ topology: CellTopology, temperature: Scalar, margin epsilon: Scalar,
  nodesDangle: Bool
) -> Tensor {
  let probabilities = subsetProbabilities(.constant(beta), topology, temperature: temperature)
  let (pi, marginals) = (probabilities.value, edgeMarginals(probabilities, topology))
  var gradient = Tensor.zeros(beta.shape)
  if nodesDangle, let dangling = danglingProbabilities(marginals, topology)?.value {
    let toEdges = danglingJacobian(marginals.value, topology)
    let toSets = marginalJacobian(beta, topology, temperature: temperature)
    let (edges, sets) = (topology.edges.count, topology.subsetCount)
    for row in 0..<dangling.shape.count where dangling[row] > epsilon {
      for edge in 0..<edges {
        for set in 0..<sets {
          gradient[set] += toEdges[row * edges + edge] * toSets[edge * sets + set]
        }
      }
    }
  }
  for (empty, range) in emptySets(topology) where pi[empty] > epsilon {
    for set in range {
      gradient[set] += pi[empty] * ((set == empty ? 1 : 0) - pi[set]) / temperature
    }
  }
  return gradient
}
