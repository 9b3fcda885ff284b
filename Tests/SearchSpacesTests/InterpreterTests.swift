import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

/// The relaxation that the interpreter is tested with.
struct Softmax: Relaxation {
  func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    nestedSoftmax(logits, weights)
  }
}

@Suite("The interpreter of paths")
struct InterpreterTests {
  private let x = sampleAwayFromZero([3, 6, 5, 16], 1)
  private let logits = sample([6, 5], 2)

  private func weights() -> RelaxedArchitecture {
    RelaxedArchitecture(logits: .constant(logits), relaxation: Softmax())
  }

  @Test func `an edge equals its candidates computed one by one`() {
    let edge = PathNetwork(
      SearchSpace.nasBench201.paths[0], channels: 16, name: "e", seed: RandomGenerator(seed: 1))
    let pass = ForwardPass(.training)
    let y = edge(.constant(x), weights(), edge: 4, in: pass).value
    let alpha = Tensor(Array(logits.scalars[20..<25]), shape: [5]).softmax()
    let u = x.relu()
    func normalized(_ kernel: Tensor, _ window: Window) -> Tensor {
      let z = Naive.convolution(u, kernel, window)
      return batchNorm(.constant(z), Normalization(of: z)).value
    }
    let expected =
      alpha[1] * x + alpha[2] * normalized(edge.parameters[0].value, Window(1))
      + alpha[3] * normalized(edge.parameters[1].value, Window(3))
      + alpha[4] * Naive.averagePooling(x, Window(3))
    expectClose(y, expected, absolute: 1e-4)
  }

  @Test func `weights start the same whatever else is on the edge`() {
    let seed = RandomGenerator(seed: 5)
    let all = PathNetwork(SearchSpace.nasBench201.paths[0], channels: 8, name: "e", seed: seed)
    let one = PathNetwork(
      SearchSpace.nasBench201Path(.norConv3x3), channels: 8, name: "e", seed: seed)
    #expect(one.parameters.map(\.name) == ["e.nor_conv_3x3.conv.weight"])
    #expect(all.parameters[1].value == one.parameters[0].value)
  }

  @Test func `chains and sums in any nesting`() {
    let identity = ModuleSpec(.identity, of: "id")
    let relu = ModuleSpec(.relu, of: "relu")
    let zero = ModuleSpec(.zero(), of: "zero")
    func value(_ path: Path) -> Tensor {
      PathNetwork(path, channels: 16, name: "e", seed: RandomGenerator(seed: 1))(
        .constant(x), weights(), edge: 0, in: ForwardPass(.training)
      ).value
    }
    #expect(value(.module(zero)) == .zeros(x.shape))
    #expect(value(.chain([Path]())) == x)
    expectClose(value(.chain([relu, identity, relu])), x.relu())
    let all = [0, 1, 2, 3, 4]
    let nested = Path.choice([
      Branch(ArchitectureWeight([0], within: all), .module(identity)),
      Branch(
        ArchitectureWeight([1, 2, 3, 4], within: all),
        .chain([
          .module(relu),
          .choice([
            Branch(ArchitectureWeight([1], within: [1, 2, 3, 4]), .module(identity)),
            Branch(ArchitectureWeight([2, 3, 4], within: [1, 2, 3, 4]), .module(zero)),
          ]),
        ])),
    ])
    let alpha = Tensor(Array(logits.scalars[0..<5]), shape: [5]).softmax()
    expectClose(value(nested), alpha[0] * x + alpha[1] * x.relu(), "weights multiply")
  }

  @Test(arguments: [1, 2])
  func `conv_7x1_1x7 by both interpreters`(_ stride: Int) {
    let operation = PathNetwork(
      SearchSpace.dartsPath(.conv7x1And1x7, stride: stride), channels: 16, affine: true, name: "e",
      seed: RandomGenerator(seed: 1))
    #expect(
      operation.parameters.map(\.value.shape).prefix(2) == [[16, 1, 7, 16], [16, 7, 1, 16]])
    var z = Variable.constant(x.relu())
    let directions: [Strip.Direction] = [.horizontal, .vertical]
    for (kernel, direction) in zip(operation.parameters, directions) {
      z = convolution(z, .constant(kernel.value), Strip(Window(7, stride: stride), direction))
    }
    let expected = batchNorm(z, Normalization(of: z.value)).value
    #expect(expected.shape == (stride == 1 ? [3, 6, 5, 16] : [3, 3, 3, 16]))
    let pass = ForwardPass(.training)
    expectClose(operation.plainValue(.constant(x), nil, in: pass).value, expected, absolute: 1e-4)
    expectClose(operation(.constant(x), nil, in: pass).value, expected, absolute: 1e-4)
  }

  @Test func `weights without an architecture are refused`() async {
    await #expect(processExitsWith: .failure) {
      let edge = PathNetwork(
        SearchSpace.nasBench201.paths[0], channels: 4, name: "e", seed: RandomGenerator(seed: 1))
      _ = edge(.constant(.zeros([1, 4, 4, 4])), nil, in: ForwardPass(.training))
    }
  }

  @Test func `the description shows the tree`() {
    let path = SearchSpace.nasBench201Path(.norConv3x3)
    #expect("\(path)" == "ReLU\nconv 3x3\nBN")
    #expect(
      "\(SearchSpace.nasBench201.paths[0])".hasPrefix("sum\n  w(0 | 0 1 2 3 4) *\n    zero\n"))
  }
}

@Suite("The supernet of NAS-Bench-201")
struct SupernetTests {
  private func network(_ space: SearchSpace = .nasBench201, channels: Int = 4)
    -> NASBench201Supernet
  {
    NASBench201Supernet(
      space, channels: channels, cellsPerStage: 2, classes: 10, seed: RandomGenerator(seed: 3))
  }

  @Test func `class scores, alpha gradients and running statistics`() {
    let net = network()
    let images = sample([4, 32, 32, 3])
    let pass = ForwardPass(.training, differentiating: [net.alpha])
    let scores = net(images, Softmax(), in: pass)
    #expect(scores.shape == [4, 10])
    let gradient = pass.gradients(of: crossEntropy(scores, labels: [0, 1, 2, 3]))[0]
    #expect(gradient.shape == [6, 5])
    #expect(gradient.isFinite && gradient.dot(gradient) > 0)
    let before = net.buffers.map(\.value)
    _ = net(images, Softmax(), in: ForwardPass(.evaluation))
    #expect(net.buffers.map(\.value) == before)
    _ = net(images, Softmax(), in: ForwardPass(.training))
    #expect(zip(net.buffers, before).allSatisfy { $0.value != $1 })
  }

  @Test func `the macro network is stem, cells, residual blocks and head`() throws {
    // With skip on every edge a cell returns four times its input, which leaves the fixed parts.
    let skip = SearchSpace.nasBench201Path(.skipConnect)
    let net = network(SearchSpace.nasBench201.mapPaths { _ in skip }, channels: 3)
    var generator = RandomGenerator(seed: 8)
    for parameter in net.parameters
    where parameter.name.contains("bn.") || parameter.name.contains("Norm") {
      parameter.value = .uniform(parameter.value.shape, in: 0.5...1.5, using: &generator)
    }
    let values = Dictionary(uniqueKeysWithValues: net.parameters.map { ($0.name, $0.value) })
    func value(_ name: String) throws -> Tensor { try #require(values[name], "\(name)") }
    func norm(_ x: Tensor, _ name: String) throws -> Tensor {
      let n = Normalization(
        of: x, gain: .constant(try value("\(name).gain")),
        bias: .constant(try value("\(name).bias")))
      return batchNorm(.constant(x), n).value
    }
    func residual(_ x: Tensor, _ name: String) throws -> Tensor {
      let halved = try norm(
        Naive.convolution(x.relu(), value("\(name).first.conv.weight"), Window(3, stride: 2)),
        "\(name).first.bn")
      let second = try norm(
        Naive.convolution(halved.relu(), value("\(name).second.conv.weight"), Window(3)),
        "\(name).second.bn")
      return second
        + Naive.convolution(
          Naive.averagePooling(x, Window(2, stride: 2)), try value("\(name).shortcut.weight"),
          Window(1))
    }
    let images = sample([4, 32, 32, 3])
    let cells: Scalar = 4 * 4  // two cells a stage
    var x = try norm(Naive.convolution(images, value("stem.conv.weight"), Window(3)), "stem.bn")
    x = try residual(cells * x, "reduction1")
    x = try residual(cells * x, "reduction2")
    let pooled = Naive.globalAverage(try norm(cells * x, "lastNorm").relu())
    let scores = addBias(
      linear(.constant(pooled), .constant(try value("classifier.weight"))),
      .constant(try value("classifier.bias")))
    expectClose(
      net(images, Softmax(), in: ForwardPass(.training)).value, scores.value, absolute: 1e-3)
  }

  @Test func `alpha starts near 0`() {
    let alphas = (0..<20).flatMap { seed in
      NASBench201Supernet(
        .nasBench201, channels: 1, cellsPerStage: 1, classes: 2,
        seed: RandomGenerator(seed: UInt64(seed))
      ).alpha.value.doubles
    }
    let deviation = (alphas.reduce(0) { $0 + $1 * $1 } / Double(alphas.count)).squareRoot()
    expectClose(deviation, 1e-3, absolute: 1e-4)
  }

  @Test func `the gradient with respect to alpha and weights agrees with differences`() {
    let net = network(channels: 2)
    let images = sample([3, 32, 32, 3])
    let kernel = net.parameters[3]  // the first kernel of the first cell
    #expect(kernel.name == "cells.0.edge0to1.nor_conv_1x1.conv.weight")
    // The relus' kinks spoil differences over steps that single precision can resolve.
    let parameters = isDoublePrecision ? [net.alpha, kernel] : [net.alpha]
    func loss(_ pass: ForwardPass) -> Variable {
      crossEntropy(net(images, Softmax(), in: pass), labels: [1, 2, 3])
    }
    let pass = ForwardPass(.training, differentiating: parameters)
    let gradients = pass.gradients(of: loss(pass))
    for (parameter, gradient) in zip(parameters, gradients) {
      let original = parameter.value
      // Along the gradient itself the slope is largest, so rounding matters least.
      let length = gradient.dot(gradient).squareRoot()
      let step = isDoublePrecision ? 1e-7 : 0.02
      let ends = [step, -step].map { t -> Double in
        parameter.value = original
        parameter.value.add(gradient, scaledBy: Scalar(t / length))
        return Double(loss(ForwardPass(.training)).item)
      }
      parameter.value = original
      expectClose(
        (ends[0] - ends[1]) / (2 * step), length, relative: isDoublePrecision ? 1e-6 : 0.1)
    }
  }

  @Test func `the number of weights is that of the published network`() {
    // Stem and head, two residual blocks, and 6 edges of C^2 + 9 C^2 in each of 2 cells a stage.
    let c = 4
    let edges = [c, 2 * c, 4 * c].reduce(0) { $0 + 2 * 6 * 10 * $1 * $1 }
    let blocks = [c, 2 * c].reduce(0) { $0 + (18 + 36 + 2) * $1 * $1 + 8 * $1 }
    let ends = 27 * c + 2 * c + 8 * c + (4 * c + 1) * 10
    #expect(network().parameters.reduce(0) { $0 + $1.value.shape.count } == edges + blocks + ends)
  }

  @Test func `the same seed gives the same network`() {
    let (a, b) = (network(), network())
    #expect(a.parameters.map(\.value) == b.parameters.map(\.value))
    #expect(Set(a.parameters.map(\.name)).count == a.parameters.count, "names are unique")
    #expect(a.alpha.value == b.alpha.value)
  }
}
