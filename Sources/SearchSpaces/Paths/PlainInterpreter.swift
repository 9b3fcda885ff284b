import Autodiff
import NeuralNetworks
import Tensors

/// The interpreter of paths that reads like their definition: a module, a chain of paths, a choice among paths.
///
/// Searches run the other one, `FusedInterpreter.swift`, which gives the same values and gradients faster; where a weight
/// is 0 the gradient of that weight differs (`plainValue`).
struct PlainInterpreter {
  /// Where the modules find their weights.
  let network: PathNetwork
  /// The pass, and what the symbols of architecture weights stand for in it.
  let run: PathNetwork.Run

  /// The value of a path at x [N, H, W, C].
  func value(of path: Path, at x: Variable) -> Variable {
    switch path {
    case .module(let module): value(of: module, at: x)
    case .chain(let steps): steps.reduce(x) { value(of: $1, at: $0) }
    case .choice(let branches):
      mixture(
        branches.map { .identity(value(of: $0.path, at: x)) },
        weights: run.values(of: branches.map(\.weight)))
    }
  }

  private func value(of module: ModuleSpec, at x: Variable) -> Variable {
    switch module.kind {
    case .identity: x
    case .zero(let stride):
      .constant(.zeros(Window(1, stride: stride).outputShape(x.shape, channels: x.shape.channels)))
    case .relu: relu(x)
    case .batchNorm: batchNorm(module, at: x)
    case .averagePool(let window): averagePool(x, window)
    case .maxPool(let window): maxPool(x, window)
    case .convolution(let window, .dense, let kernel):
      convolution(x, value(of: kernel, in: module), window)
    case .convolution(let window, .depthwise, let kernel):
      depthwiseConvolution(x, value(of: kernel, in: module), window)
    case .stripConvolution(let strip):
      convolution(x, weight("\(module.name).weight"), strip)
    case .factorizedReduction:
      factorizedReduction(
        x, even: weight("\(module.name).even.weight"), odd: weight("\(module.name).odd.weight"))
    }
  }

  private func value(of kernel: ModuleSpec.Kernel, in module: ModuleSpec) -> Variable {
    switch kernel {
    case .own: weight("\(module.name).weight")
    case .merged(let expression):
      expression.kernel(
        from: expression.parts.map { weight("\($0.name).weight") },
        weights: run.weights(of: expression),
        gain: expression.hasGain ? weight("\(module.name).gain") : nil)
    }
  }

  private func batchNorm(_ module: ModuleSpec, at x: Variable) -> Variable {
    network.norms[module.name].map { $0(x, in: run.pass) } ?? x
  }

  private func weight(_ part: String) -> Variable { run.pass.variable(network.parameter(part)) }
}

extension PathNetwork {
  /// The path's value by the plain interpreter: x [N, H, W, C]; the result has the size that the path's strides leave.
  ///
  /// A weight of 0 is a factor like any other, and what it multiplies is evaluated. The fused interpreter multiplies the
  /// number 1 instead, as GDAS does (D3-4): the value is the same, the gradient of that weight is not.
  public func plainValue(
    _ x: Variable, _ architecture: RelaxedArchitecture?, edge: Int = 0, in pass: ForwardPass
  ) -> Variable {
    let run = Run(pass: pass, architecture: architecture, edge: edge)
    return PlainInterpreter(network: self, run: run).value(of: path, at: x)
  }
}
