import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// The score of an architecture whose accuracy was measured with several weight samples.
///
/// Equation: C-2 [reconstructed: medium]. Score(a) = (1 / M) sum over m of Acc_val(a, w_m), w_m successive, thinned
/// samples of SGLD after the training of the supernet.
///
/// One checkpoint of shared weights ranks architectures by chance: the weights of the last step fit those best that were
/// sampled last. The mean over M samples has a variance of 1 / M times that of one, as far as the samples are independent.
///
/// - Parameter accuracies: Acc_val(a, w_m) of each sample, M >= 1.
/// - Returns: their mean.
///
/// Explained in chapter 28.
public func sharedScore(_ accuracies: [Double]) -> Double {
  precondition(!accuracies.isEmpty, "a score needs the accuracy of one weight sample at least")
  return accuracies.reduce(0, +) / Double(accuracies.count)
}

/// The standard error of a score, s / sqrt(M), s^2 the unbiased variance of the M >= 2 accuracies.
public func standardError(_ accuracies: [Double]) -> Double {
  precondition(accuracies.count > 1, "a standard error needs two accuracies at least")
  let (mean, count) = (sharedScore(accuracies), Double(accuracies.count))
  let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  return (squares / (count - 1) / count).squareRoot()
}

/// Computes the running statistics of an architecture's batch norms anew, with the weights that the network has now.
///
/// Those of the training are a mix over all architectures that were sampled and over weights that are gone. Afterwards
/// they are the means over `batches`: of each batch norm that the architecture has; the others stay as they are.
///
/// Equation: C-9 [reconstructed: low]. BN statistics are recomputed for every (a, w_m) on the same fixed training
/// batches.
///
/// - Parameters:
///   - network: the supernet, with the weights w_m.
///   - path: the architecture a.
///   - batches: training batches, one at least.
///
/// Explained in chapter 28.
public func recalibrate(
  _ network: some Supernet, _ path: SampledPath, on batches: some Sequence<Batch>
) {
  for (index, batch) in batches.enumerated() {
    let pass = ForwardPass(.training, momentum: 1 / Scalar(index + 1))
    _ = network(batch.images, path, in: pass)
  }
}
