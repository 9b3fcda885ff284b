import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Where the weight A of a merged convolution in a sum stands: in its kernel, W = sum of (A p_i) w_i.
///
/// In exact arithmetic A times the map of the kernel sum of p_i w_i is the same. It rounds in other places, which the
/// first test sees, and multiplies and sums up maps instead of kernels, which the second one sees.
@Suite("Merged convolutions in a sum")
struct MergedConvolutionTests {
  private struct Softmax: Relaxation {
    func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
      nestedSoftmax(logits, weights)
    }
  }

  private func convolution(
    _ window: Window, _ grouping: ModuleSpec.Grouping, _ name: String
  ) -> ModuleSpec {
    ModuleSpec(.convolution(window, grouping, .own), of: "\(name)", role: "conv")
  }

  /// The simplified sum of single modules.
  private func simplified(_ modules: [ModuleSpec]) -> Path {
    let all = Array(modules.indices)
    let branches = all.map { Branch(ArchitectureWeight([$0], within: all), .module(modules[$0])) }
    return Simplifier().simplify(.choice(branches)).path
  }

  private let x = sample([2, 6, 5, 4], 1)

  @Test(arguments: [(ModuleSpec.Grouping.depthwise, 3, 5), (.dense, 1, 3)])
  func `the weight of the group is rounded once, as a part of the kernel's weights`(
    _ grouping: ModuleSpec.Grouping, _ small: Int, _ large: Int
  ) throws {
    let windows = [Window(small), Window(large)]
    let path = simplified(
      zip(windows, ["a", "b"]).map { convolution($0, grouping, $1) }
        + [ModuleSpec(.identity, of: "skip")])
    let network = PathNetwork(path, channels: 4, name: "e", seed: RandomGenerator(seed: 1))
    try #require(network.parameters.count == 2)
    let logits = Variable.constant(sample([1, 3], 2))
    let value = network(
      .constant(x), RelaxedArchitecture(logits: logits, relaxation: Softmax()),
      in: ForwardPass(.training)
    ).value

    func shares(_ sets: [([Int], [Int])]) -> Variable {
      nestedSoftmax(
        logits,
        sets.map { EdgeWeight(edge: 0, weight: ArchitectureWeight($0.0, within: $0.1)) })
    }
    /// The sum with these weights in the kernel, and a factor for its map.
    func weightedSum(inKernel sets: [([Int], [Int])], outside factor: ([Int], [Int])) -> Tensor {
      let kernel = MergedKernel(
        windows.map { KernelPart(name: "k", window: $0, weight: .one) }, normalization: .none
      ).kernel(
        from: network.parameters.map { .constant($0.value) }, weights: shares(sets), gain: nil)
      let map =
        grouping == .depthwise
        ? DepthwiseConvolution.forward(x, kernel.value, Window(large))
        : Convolution.forward(x, kernel.value, Window(large))
      return mixture(
        [.identity(.constant(map)), .identity(.constant(x))],
        weights: shares([factor, ([2], [0, 1, 2])])
      ).value
    }
    let all = [0, 1, 2]
    let inside = weightedSum(inKernel: [([0], all), ([1], all)], outside: (all, all))
    let outside = weightedSum(inKernel: [([0], [0, 1]), ([1], [0, 1])], outside: ([0, 1], all))
    expectClose(inside, outside)
    #expect(inside != outside, "else this input could not tell them apart")
    #expect(value == inside)
  }

  /// The passes over maps and their gradients that the derivatives of weights outside of kernels need.
  private func passesOverMaps(_ path: Path) -> Int {
    let network = PathNetwork(path, channels: 4, name: "e", seed: RandomGenerator(seed: 1))
    let tape = Tape()
    let logits = tape.variable(sample([1, 4], 2))
    let y = network(
      .constant(x), RelaxedArchitecture(logits: logits, relaxation: Softmax()),
      in: ForwardPass(.training))
    let profile = KernelProfile()
    let gradient = KernelProfile.$current.withValue(profile) {
      tape.gradients(of: y, cotangent: sample(y.shape, 3), withRespectTo: [logits])[0]
    }
    #expect(gradient.doubles.allSatisfy { abs($0) > 1e-3 })
    return profile.entries["ChannelwiseProducts.sums"]?.calls ?? 0
  }

  @Test func `the derivative of its weight costs no pass over its map`() {
    let (near, far) = (Window(3), Window(5, dilation: 2))
    let modules = zip([near, near, far, far], ["a", "b", "c", "d"]).map {
      convolution($0, .dense, $1)
    }
    // Two kernels, for one on the common grid would have 81 taps instead of 34.
    let path = simplified(modules)
    #expect("\(path)".split(separator: "\n").count { $0.contains("<-") } == 2)
    #expect(passesOverMaps(path) == 0)
    let all = [0, 1, 2, 3]
    let plain = Path.choice(
      all.map { Branch(ArchitectureWeight([$0], within: all), .module(modules[$0])) })
    #expect(passesOverMaps(plain) == 1, "of a plain sum it does")
  }
}
