import Autodiff
import NeuralNetworks
import Tensors

/// A path with weights: the interpreter of one edge.
///
/// It does not know whether the path was simplified.
public final class PathNetwork: Layer {
  /// The trained weights, in the order of the modules.
  public private(set) var parameters: [Parameter] = []
  /// The running statistics, in the order of the modules.
  public private(set) var buffers: [Parameter] = []
  private var root = Step.zero

  /// A path whose modules are instantiated.
  private indirect enum Step {
    case identity
    case zero
    case relu
    case batchNorm(BatchNorm)
    case averagePool(Window)
    case maxPool(Window)
    case convolution(Window, ModuleSpec.Grouping, [Parameter], (any KernelExpression)?)
    case chain([Step])
    case choice([(weight: ArchitectureWeight, step: Step)])
  }

  /// Creates the modules of `path` for maps of `channels` channels, with random weights.
  public init(_ path: Path, channels: Int, name: String, seed: RandomGenerator) {
    root = instantiate(path.flattened, channels: channels, name: name, seed: seed)
  }

  // MARK: Building

  private func instantiate(
    _ path: Path, channels: Int, name: String, seed: RandomGenerator
  ) -> Step {
    switch path {
    case .chain(let steps):
      return .chain(
        steps.map { instantiate($0, channels: channels, name: name, seed: seed) })
    case .choice(let branches):
      return .choice(
        branches.map {
          ($0.weight, instantiate($0.path, channels: channels, name: name, seed: seed))
        })
    case .module(let module):
      return instantiate(module, channels: channels, name: name, seed: seed)
    }
  }

  private func instantiate(
    _ module: ModuleSpec, channels: Int, name: String, seed: RandomGenerator
  ) -> Step {
    switch module.kind {
    case .identity: return .identity
    case .zero: return .zero
    case .relu: return .relu
    case .averagePool(let window): return .averagePool(window)
    case .maxPool(let window): return .maxPool(window)
    case .batchNorm:
      let norm = BatchNorm("\(name).\(module.name)", channels: channels, affine: false)
      buffers += norm.buffers
      return .batchNorm(norm)
    case .convolution(let window, let grouping, .own):
      let part = KernelPart(name: module.name, window: window, weight: .one)
      let kernel = trainedKernel(part, grouping, channels: channels, name: name, seed: seed)
      return .convolution(window, grouping, [kernel], nil)
    case .convolution(let window, let grouping, .merged(let expression)):
      let kernels = expression.parts.map {
        trainedKernel($0, grouping, channels: channels, name: name, seed: seed)
      }
      return .convolution(window, grouping, kernels, expression)
    }
  }

  /// The trained kernel of a convolution; it starts the same whether it is merged or not.
  private func trainedKernel(
    _ part: KernelPart, _ grouping: ModuleSpec.Grouping, channels: Int, name: String,
    seed: RandomGenerator
  ) -> Parameter {
    let fullName = "\(name).\(part.name).weight"
    var generator = seed.stream(fullName)
    let inputs = grouping == .dense ? channels : 1
    let shape: Shape = [channels, part.window.kernel, part.window.kernel, inputs]
    let parameter = Parameter(fullName, Kaiming.uniform(shape, using: &generator))
    parameters.append(parameter)
    return parameter
  }

  // MARK: Running

  /// What the interpreter needs to know of the pass it is in.
  struct Run {
    let pass: ForwardPass
    let architecture: RelaxedArchitecture?
    let edge: Int

    /// The values of weights on this edge; nil if all are 1.
    func values(of weights: [ArchitectureWeight]) -> Variable? {
      if weights.allSatisfy({ $0 == .one }) { return nil }
      guard let architecture else {
        preconditionFailure("the path has weights \(weights), but no architecture was given")
      }
      return architecture.values(of: weights.map { EdgeWeight(edge: edge, weight: $0) })
    }
  }

  /// The path's value: x [N, H, W, C]; the result has the size that the path's strides leave.
  public func callAsFunction(
    _ x: Variable, _ architecture: RelaxedArchitecture?, edge: Int = 0, in pass: ForwardPass
  ) -> Variable {
    evaluate(root, x, Run(pass: pass, architecture: architecture, edge: edge))
  }

  /// The path as summands of the node that the edge leads to, each with its weight.
  ///
  /// The node adds the summands of all its edges in one pass, so that the last step of a branch (batch
  /// norm, pooling, identity) needs no memory of its own.
  func summands(_ x: Variable, _ run: Run) -> [(weight: ArchitectureWeight, summand: Summand)] {
    summands(of: root, x, .one, run)
  }

  private func summands(
    of step: Step, _ x: Variable, _ outer: ArchitectureWeight, _ run: Run
  ) -> [(weight: ArchitectureWeight, summand: Summand)] {
    switch step {
    case .zero: return []
    case .identity: return [(outer, .identity(x))]
    case .averagePool(let window): return [(outer, .averagePooled(x, window))]
    case .batchNorm(let norm):
      return [(outer, .normalized(x, norm.normalization(of: x.value, in: run.pass)))]
    case .choice(let branches):
      return branches.flatMap { summands(of: $0.step, x, outer.times($0.weight), run) }
    case .chain(let steps):
      guard let last = steps.last else { return [(outer, .identity(x))] }
      // A convolution at the end takes a ReLU in front of it along.
      if case .convolution = last { return [(outer, .identity(evaluate(step, x, run)))] }
      return summands(of: last, evaluate(.chain(steps.dropLast()), x, run), outer, run)
    case .relu, .maxPool, .convolution:
      return [(outer, .identity(evaluate(step, x, run)))]
    }
  }

  private func evaluate(_ step: Step, _ x: Variable, _ run: Run) -> Variable {
    switch step {
    case .identity: return x
    case .zero: return .constant(.zeros(x.shape))
    case .relu: return relu(x)
    case .batchNorm(let norm): return norm(x, in: run.pass)
    case .averagePool(let window): return averagePool(x, window)
    case .maxPool(let window): return maxPool(x, window)
    case .convolution: return convolve(step, x, afterReLU: false, run)
    case .choice(let branches):
      let parts = branches.flatMap { summands(of: $0.step, x, $0.weight, run) }
      guard !parts.isEmpty else { return .constant(.zeros(x.shape)) }
      return mixture(parts.map(\.summand), weights: run.values(of: parts.map(\.weight)))
    case .chain(let steps):
      var (y, afterReLU) = (x, false)
      for (index, step) in steps.enumerated() {
        // A ReLU in front of a convolution is part of it: its result is never stored.
        if case .relu = step, index + 1 < steps.count, case .convolution = steps[index + 1] {
          afterReLU = true
          continue
        }
        y = afterReLU ? convolve(step, y, afterReLU: true, run) : evaluate(step, y, run)
        afterReLU = false
      }
      return y
    }
  }

  private func convolve(
    _ step: Step, _ x: Variable, afterReLU: Bool, _ run: Run
  ) -> Variable {
    guard case .convolution(let window, let grouping, let parameters, let expression) = step else {
      preconditionFailure("only a convolution can be convolved with")
    }
    let trained = parameters.map(run.pass.variable)
    var kernel = trained[0]
    if let expression {
      guard let weights = run.values(of: expression.parts.map(\.weight)) else {
        preconditionFailure("a merged kernel needs weights for its parts")
      }
      kernel = expression.kernel(from: trained, weights: weights)
    }
    return grouping == .dense
      ? convolution(x, kernel, window, afterReLU: afterReLU)
      : depthwiseConvolution(x, kernel, window, afterReLU: afterReLU)
  }
}
