import Autodiff
import Datasets
import SearchSpaces
import Tensors

/// DARTS, first order: Liu, Simonyan and Yang, *DARTS: Differentiable Architecture Search*, 2019.
public struct DARTS: SearchMethod {
  /// Creates the method; it has no numbers of its own.
  public init() {}

  /// The name of the method.
  public var description: String { "first-order DARTS" }
}

/// The relaxation of DARTS: every candidate is evaluated, weighted by a softmax over its edge.
///
/// Equation: D1-1 [published: quark0/darts]. o_e(x) = sum over k of softmax(alpha_e)_k o_k(x).
///
/// Equation: TS-29 [published: DARTS]. min over a of L_val(w*(a), a), a flat: on a simplified space the same weights
/// appear as products, TS-13, so the method does not change.
///
/// Explained in chapters 06 and 07.
public struct SoftmaxRelaxation: Relaxation {
  /// What a skip connection beside a mixed operation is multiplied by.
  public let auxiliaryWeight: Scalar

  /// Creates the relaxation.
  public init(auxiliaryWeight: Scalar = 0) { self.auxiliaryWeight = auxiliaryWeight }

  /// The shares of candidates by softmax: logits [edges, candidates], result [weights.count].
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax(logits, weights)
  }
}

/// The architecture gradient of first-order DARTS.
///
/// The weights at hand stand for the optimal ones, and do not move with alpha.
///
/// Equation: D1-7 [published: quark0/darts]. d alpha = gradient with respect to alpha of L_val(w, alpha): D1-6 with xi = 0.
///
/// Explained in chapter 07.
public func firstOrderArchitectureGradient(
  of network: some Supernet, validation batch: Batch, _ relaxation: any Relaxation
) -> BatchResult {
  lossAndGradients(
    of: network, batch, relaxation, differentiating: network.architectureParameters)
}

extension DARTS {
  /// First-order DARTS in the list of methods.
  public static let entry = MethodEntry("darts", summary: "first-order DARTS") { _, _ in DARTS() }
}
