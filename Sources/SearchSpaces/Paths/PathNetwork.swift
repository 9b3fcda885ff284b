import Autodiff
import NeuralNetworks
import Tensors

/// A path with weights.
///
/// Two interpreters compute it: `PlainInterpreter.swift` as the path's definition reads, `FusedInterpreter.swift` with
/// fewer passes over memory. Neither knows whether the path was simplified.
public final class PathNetwork: Layer {
  /// What the network computes.
  public let path: Path
  /// The trained weights, in the order of the modules.
  public private(set) var parameters: [Parameter] = []
  /// The running statistics, in the order of the modules.
  public private(set) var buffers: [Parameter] = []
  /// The path with its modules instantiated, as the fused interpreter reads it.
  private(set) var root = Step.zero(stride: 1)
  /// The merged kernels of the path, as a node asks for them.
  private(set) var mergedKernels: [MergedKernel] = []
  /// The batch norms by the names of their modules.
  private(set) var norms: [String: BatchNorm] = [:]
  /// The trained weights by the names of their modules.
  private var parametersOfModules: [String: [Parameter]] = [:]
  private let channels: Int
  private let isAffine: Bool
  private let name: String
  private let seed: RandomGenerator

  /// A path whose modules are instantiated.
  indirect enum Step {
    case identity
    case zero(stride: Int)
    case relu
    case batchNorm(BatchNorm)
    case averagePool(Window)
    case maxPool(Window)
    case convolution(WeightedConvolution)
    case stripConvolution(Strip, Parameter)
    case factorizedReduction(even: Parameter, odd: Parameter)
    case chain([Step])
    case choice([(weight: ArchitectureWeight, step: Step)])
  }

  /// A convolution with its trained weights.
  struct WeightedConvolution {
    let window: Window
    let grouping: ModuleSpec.Grouping
    let kernels: [Parameter]
    let gain: Parameter?
    let expression: (any KernelExpression)?
  }

  /// Creates the modules of `path` for maps of `channels` channels, with random weights.
  ///
  /// With `affine` the batch norms have gain and bias, as in networks that are trained from scratch.
  public init(
    _ path: Path, channels: Int, affine: Bool = false, name: String, seed: RandomGenerator
  ) {
    self.path = path.flattened
    self.channels = channels
    isAffine = affine
    self.name = name
    self.seed = seed
    root = instantiate(self.path)
    mergedKernels = Self.mergedKernels(inSummands: root, .one)
  }

  /// The trained weights of a module of the path, those of a merged kernel's parts among them; of another module none.
  public func parameters(of module: ModuleSpec) -> [Parameter] {
    parametersOfModules[module.name] ?? []
  }

  /// The trained weight `part` of a module, for example `nor_conv_3x3.conv.weight`.
  func parameter(_ part: String) -> Parameter {
    guard let found = parameters.first(where: { $0.name == "\(name).\(part)" }) else {
      preconditionFailure("\(name) has no weight called \(part)")
    }
    return found
  }

  private func instantiate(_ path: Path) -> Step {
    switch path {
    case .chain(let steps): .chain(steps.map(instantiate))
    case .choice(let branches): .choice(branches.map { ($0.weight, instantiate($0.path)) })
    case .module(let module): instantiated(module)
    }
  }

  private func instantiated(_ module: ModuleSpec) -> Step {
    let known = parameters.count
    let step = instantiate(module)
    parametersOfModules[module.name] = Array(parameters[known...])
    return step
  }

  private func instantiate(_ module: ModuleSpec) -> Step {
    switch module.kind {
    case .identity: return .identity
    case .zero(let stride): return .zero(stride: stride)
    case .relu: return .relu
    case .averagePool(let window): return .averagePool(window)
    case .maxPool(let window): return .maxPool(window)
    case .batchNorm:
      let norm = BatchNorm(
        "\(name).\(module.name)", channels: channels * module.widening.inputs, affine: isAffine)
      parameters += norm.parameters
      buffers += norm.buffers
      norms[module.name] = norm
      return .batchNorm(norm)
    case .convolution(let window, let grouping, let kernel):
      return .convolution(convolution(module, window, grouping, kernel))
    case .stripConvolution(let strip):
      let kernel = trained(module.name, strip.weightShape(inputs: channels, outputs: channels))
      return .stripConvolution(strip, kernel)
    case .factorizedReduction:
      let even: Shape = [channels / 2, 1, 1, channels]
      let odd: Shape = [channels - channels / 2, 1, 1, channels]
      return .factorizedReduction(
        even: trained("\(module.name).even", even), odd: trained("\(module.name).odd", odd))
    }
  }

  private func convolution(
    _ module: ModuleSpec, _ window: Window, _ grouping: ModuleSpec.Grouping,
    _ kernel: ModuleSpec.Kernel
  ) -> WeightedConvolution {
    let outputs = channels * module.widening.outputs
    func kernelOf(_ part: String, _ window: Window) -> Parameter {
      let inputs = grouping == .dense ? channels * module.widening.inputs : 1
      return trained(part, [outputs, window.kernel, window.kernel, inputs])
    }
    switch kernel {
    case .own:
      return WeightedConvolution(
        window: window, grouping: grouping, kernels: [kernelOf(module.name, window)], gain: nil,
        expression: nil)
    case .merged(let expression):
      let kernels = expression.parts.map { kernelOf($0.name, $0.window) }
      let gain =
        expression.hasGain
        ? Parameter("\(name).\(module.name).gain", Tensor(repeating: 1, shape: [outputs])) : nil
      parameters += [gain].compactMap { $0 }
      return WeightedConvolution(
        window: window, grouping: grouping, kernels: kernels, gain: gain, expression: expression)
    }
  }

  /// A trained weight; a kernel starts the same whether it is merged or not.
  private func trained(_ part: String, _ shape: Shape) -> Parameter {
    let fullName = "\(name).\(part).weight"
    var generator = seed.stream(fullName)
    let parameter = Parameter(fullName, Kaiming.uniform(shape, using: &generator))
    parameters.append(parameter)
    return parameter
  }
}
