import Autodiff
import NeuralNetworks
import Tensors

/// A network of derived cells, which is trained from scratch: it has weights, and no architecture parameters.
public protocol DiscreteNetwork: Layer {
  /// Sets what is left out in training from now on; a network without drop path takes no notice.
  func setDropPath(_ dropPath: DropPath)
  /// The class scores [N, classes] of images [N, 32, 32, 3], and in training those of an auxiliary head, if any.
  func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?)
}

extension DARTSNetwork: DiscreteNetwork {
  /// Sets what is left out in training from now on.
  public func setDropPath(_ dropPath: DropPath) { self.dropPath = dropPath }
}

extension NASBench201Network: DiscreteNetwork {
  /// Takes no notice: the benchmark trains without drop path.
  public func setDropPath(_ dropPath: DropPath) {}
}
