import Autodiff
import Tensors

/// What is done to the kernels of a merged convolution before they are summed.
///
/// The paper names kernel normalization, but no formula of it is attested; these are this project's.
///
/// Equation: TS-27 [reconstructed: low]. KN-2: without the mean; KN-3: one norm per kernel; KN-4: KN-1 with a trained gain;
/// to compare with KN-0, which leaves kernels as they are, and KN-1, TS-24.
///
/// Equation: TS-27b [reconstructed: low], measured. On smooth input after a ReLU, KN-1 and KN-2 let 1x1 and 3x3
/// kernels come out nearly equally strong; without, a 3x3 kernel grown by 3 has three quarters of the mixture.
///
/// Equation: TS-28 [reconstructed: medium]. It makes kernels equally strong, not their inputs: in variant T the separable
/// branch sees the output of a batch norm, the dilated one the input of the edge, whatever its scale.
///
/// Explained in chapter 33.
public enum KernelNormalization: String, CaseIterable, Codable, Sendable {
  /// KN-0: as they are.
  case none = "KN-0"
  /// KN-1, TS-24: every output channel of every kernel has norm 1.
  case unitNorm = "KN-1"
  /// KN-2: the mean of every output channel is removed first, for the input of a convolution after a
  /// ReLU has a positive mean.
  case standardized = "KN-2"
  /// KN-3: every kernel has norm sqrt(C_out), whatever its channels have.
  case frobenius = "KN-3"
  /// KN-4: KN-1, and the sum is multiplied by a trained gain per channel, which all operations share.
  case sharedGain = "KN-4"

  /// The equations of this form.
  var equations: [Equation] {
    switch self {
    case .none: []
    case .unitNorm: [Self.unitNormEquation, Self.beforeTheSum]
    case .standardized, .frobenius, .sharedGain: [Self.beforeTheSum, Self.otherForms]
    }
  }

  /// The equations of all forms.
  static let allEquations = [unitNormEquation, beforeTheSum, otherForms]
  private static let unitNormEquation = Equation(
    "TS-24",
    "KN-1: W = sum p_i Z(w^_i; K, d_i), w^_o = w_o / sqrt(|w_o|^2 + epsilon) per output channel o",
    "reconstructed: medium")
  private static let beforeTheSum = Equation(
    "TS-26", "kernels are normalized before they are summed; BN undoes what comes after",
    "reconstructed: medium")
  private static let otherForms = Equation(
    "TS-27", "KN-2: without the mean; KN-3: one norm per kernel; KN-4: KN-1 with a trained gain",
    "reconstructed: low")

  /// Keeps the root away from 0.
  public static let epsilon: Scalar = 1e-12

  /// The kernel [O, k, k, I] as it enters the sum.
  public func callAsFunction(_ kernel: Variable) -> Variable {
    switch self {
    case .none: kernel
    case .unitNorm, .sharedGain: unitNormKernel(kernel)
    case .standardized: unitNormKernel(centeredKernel(kernel))
    case .frobenius: frobeniusKernel(kernel)
    }
  }
}

/// A kernel whose every output channel has mean 0: the first half of KN-2, w_o - mean of w_o.
///
/// Shapes: w [O, k, k, I]; result the same.
public func centeredKernel(_ w: Variable) -> Variable {
  .result(of: "centeredKernel", [w], w.value.centeringRows()) { [w = w.slot] g, gradients in
    // The projection onto mean 0 is its own transpose.
    gradients.add(g.centeringRows(), to: w)
  }
}

/// A kernel with one norm for all channels: KN-3, sqrt(C_out) w / |w|_F.
///
/// It is KN-1 of the kernel taken as a single channel, times sqrt(C_out).
/// Shapes: w [O, k, k, I]; result the same.
public func frobeniusKernel(
  _ w: Variable, epsilon: Scalar = KernelNormalization.epsilon
) -> Variable {
  let factor = Scalar(w.shape[0]).squareRoot()
  return factor * unitNormKernel(w, rows: 1, epsilon: epsilon)
}

/// A kernel times a factor for each output channel: W[o] g[o].
///
/// Shapes: w [O, k, k, I]; gain [O]; result as w.
public func scaledKernel(_ w: Variable, by gain: Variable) -> Variable {
  precondition(
    gain.shape == [w.shape[0]], "a gain of shape \(gain.shape) does not fit a kernel \(w.shape)")
  let (kernel, factors) = (w.value, gain.value.scalars)
  let y = kernel.scalingRows(by: factors)
  return .result(of: "scaledKernel", [w, gain], y) { [w = w.slot, gain = gain.slot] g, gradients in
    gradients.add(g.scalingRows(by: factors), to: w)
    gradients.add(Tensor(vector: g.rowDots(kernel, rows: factors.count)), to: gain)
  }
}

/// A kernel whose every output channel has norm 1.
///
/// After a batch norm is shared, an operation would enter with a strength that grows with the norm of its
/// kernel; with this only its architecture weight counts. It is the white-input approximation of the
/// batch norm that the operation had of its own.
///
/// Equation: TS-24 [reconstructed: medium].
/// KN-1: W = sum p_i Z(w^_i; K, d_i), w^_o = w_o / sqrt(|w_o|^2 + epsilon) per output channel o of an operation i, the norm
/// over (I, k, k); `mergedKernel` adds up.
///
/// Equation: TS-25 [reconstructed: medium]. Exactly at epsilon = 0: W does not change under w_i -> c w_i, c > 0;
/// <w_io, dL/dw_io> = 0; dL/dw_io = p_i / |w_io| (I - w^_io w^_io^T) Z^T dL/dW_o, where Z^T takes the taps of w_i out
/// of the gradient of W. The pullback here maps p_i Z^T dL/dW_o, which `mergedKernel` hands back, to dL/dw_io.
///
/// Equation: TS-26 [reconstructed: medium]. kernels are normalized before they are summed; BN undoes what comes after: a
/// normalization of the sum would be undone by a batch norm that follows.
///
/// Shapes: w [O, k, k, I]; result the same.
///
/// Explained in chapter 12.
public func unitNormKernel(
  _ w: Variable, epsilon: Scalar = KernelNormalization.epsilon
) -> Variable {
  unitNormKernel(w, rows: w.shape[0], epsilon: epsilon)
}

/// `unitNormKernel` of w cut into `rows` rows.
private func unitNormKernel(_ w: Variable, rows outputs: Int, epsilon: Scalar) -> Variable {
  let unit = w.value.unitRows(outputs, epsilon: epsilon)
  return .result(of: "unitNormKernel", [w], unit.u) { [w = w.slot] g, gradients in
    gradients.add(g.tangentRows(unit), to: w)
  }
}

/// The variance of a convolution's output for white input of variance `inputVariance`.
///
/// Equation: TS-23 [reconstructed: medium]. Var[(w * u)_o] = v |w_o|^2. With unit norms it is v.
/// Shapes: w [O, k, k, I]; result [O].
///
/// Explained in chapter 12.
public func whiteOutputVariance(_ w: Tensor, inputVariance: Double) -> [Double] {
  w.rowDots(w, rows: w.shape[0]).map { inputVariance * $0 }
}
