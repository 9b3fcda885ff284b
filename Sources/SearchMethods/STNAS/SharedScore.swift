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
public func recalibrate(
  _ network: some Supernet, _ path: SampledPath, on batches: some Sequence<Batch>
) {
  for (index, batch) in batches.enumerated() {
    let pass = ForwardPass(.training, momentum: 1 / Scalar(index + 1))
    _ = network(batch.images, path, in: pass)
  }
}

/// Kendall's rank correlation tau-b of two lists of numbers, in [-1, 1]; 0 where one of them does not rank at all.
///
/// (concordant - discordant) / sqrt((pairs - ties in a) (pairs - ties in b)).
public func rankCorrelation(_ a: [Double], _ b: [Double]) -> Double {
  precondition(
    a.count == b.count, "two rankings have one length, found \(a.count) and \(b.count)")
  var (balance, pairsOfA, pairsOfB) = (0.0, 0.0, 0.0)
  for i in a.indices {
    for j in a.indices.dropFirst(i + 1) {
      let signs = (order(a[i], a[j]), order(b[i], b[j]))
      balance += signs.0 * signs.1
      pairsOfA += signs.0 * signs.0
      pairsOfB += signs.1 * signs.1
    }
  }
  let pairs = (pairsOfA * pairsOfB).squareRoot()
  return pairs == 0 ? 0 : balance / pairs
}

private func order(_ x: Double, _ y: Double) -> Double { x < y ? -1 : x > y ? 1 : 0 }
