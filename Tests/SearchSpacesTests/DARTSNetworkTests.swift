import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

@Suite("The network of derived DARTS cells")
struct DARTSNetworkTests {
  private func network(
    _ genotype: DARTSGenotype = .dartsV2, channels: Int = 4, layers: Int = 5,
    hasAuxiliaryHead: Bool = true
  ) -> DARTSNetwork {
    DARTSNetwork(
      genotype, channels: channels, layers: layers, classes: 10,
      hasAuxiliaryHead: hasAuxiliaryHead, seed: RandomGenerator(seed: 3))
  }
  private let images = sample([3, 32, 32, 3])

  @Test func `the published cells have the published number of weights`() {
    let net = DARTSNetwork(
      .dartsV2, channels: 36, layers: 20, classes: 10, seed: RandomGenerator(seed: 1))
    #expect(net.parameters.reduce(0) { $0 + $1.value.shape.count } == 3_349_342)
  }

  @Test(arguments: 2...7)
  func `class scores of every depth`(_ layers: Int) {
    let net = network(layers: layers)
    let result = net(images, in: ForwardPass(.training))
    #expect(result.scores.shape == [3, 10])
    #expect(result.auxiliaryScores?.shape == [3, 10])
    #expect(result.scores.value.isFinite)
  }

  @Test func `the auxiliary head works in training only`() {
    let net = network()
    #expect(net(images, in: ForwardPass(.training)).auxiliaryScores != nil)
    #expect(net(images, in: ForwardPass(.evaluation)).auxiliaryScores == nil)
    let without = network(hasAuxiliaryHead: false)
    #expect(without(images, in: ForwardPass(.training)).auxiliaryScores == nil)
    #expect(without.parameters.count == net.parameters.count - 8)
    // What is left starts the same, and so are its scores.
    #expect(
      network(hasAuxiliaryHead: false)(images, in: ForwardPass(.evaluation)).scores.value
        == network()(images, in: ForwardPass(.evaluation)).scores.value)
  }

  @Test(arguments: [DARTSGenotype.dartsV1, .dartsV2])
  func `the gradient reaches every weight`(_ genotype: DARTSGenotype) {
    let net = network(genotype)
    net.dropPath = DropPath(probability: 0.2, generator: RandomGenerator(seed: 1))
    let pass = ForwardPass(.training, differentiating: net.parameters)
    let (scores, auxiliary) = net(images, in: pass)
    var loss = crossEntropy(scores, labels: [1, 2, 3])
    if let auxiliary { loss = loss + 0.4 * crossEntropy(auxiliary, labels: [1, 2, 3]) }
    for (parameter, gradient) in zip(net.parameters, pass.gradients(of: loss)) {
      #expect(gradient.isFinite && gradient.dot(gradient) > 0, "\(parameter.name)")
    }
  }

  @Test func `the gradient agrees with differences`() throws {
    let net = network(.dartsV1, channels: 2)
    let bias = try #require(net.parameters.last)
    let gain = try #require(net.parameters.first { $0.name == "cells.4.input0.bn.gain" })
    func loss(_ pass: ForwardPass) -> Variable {
      let (scores, auxiliary) = net(images, in: pass)
      let loss = crossEntropy(scores, labels: [1, 2, 3])
      return auxiliary.map { loss + 0.4 * crossEntropy($0, labels: [1, 2, 3]) } ?? loss
    }
    for parameter in [bias, gain] {
      let pass = ForwardPass(.training, differentiating: [parameter])
      let gradient = pass.gradients(of: loss(pass))[0]
      let (original, length) = (parameter.value, gradient.dot(gradient).squareRoot())
      let step = isDoublePrecision ? 1e-7 : 0.02
      let ends = [step, -step].map { t -> Double in
        parameter.value = original
        parameter.value.add(gradient, scaledBy: Scalar(t / length))
        return Double(loss(ForwardPass(.training)).item)
      }
      parameter.value = original
      expectClose(
        (ends[0] - ends[1]) / (2 * step), length, relative: isDoublePrecision ? 1e-5 : 0.1,
        parameter.name)
    }
  }

  @Test func `parameters and statistics have names of their own, and a seed gives one network`() {
    let (a, b) = (network(), network())
    #expect(Set(a.parameters.map(\.name)).count == a.parameters.count)
    #expect(Set(a.buffers.map(\.name)).count == a.buffers.count)
    #expect(a.parameters.map(\.value) == b.parameters.map(\.value))
  }

  @Test func `batch norms have gain and bias, and there is none behind a pool`() {
    let net = network()
    let norms = Set(net.buffers.map { $0.name.split(separator: ".running")[0] })
    for norm in norms {
      #expect(net.parameters.contains { $0.name == "\(norm).gain" }, "\(norm)")
    }
    #expect(!norms.contains { $0.contains("pool") })
    for primitive in [Primitive.maxPool3x3, .avgPool3x3] {
      #expect(SearchSpace.dartsDerivedPath(primitive, stride: 2).modules.count == 1)
    }
    #expect(SearchSpace.dartsDerivedPath(.sepConv3x3).modules.count == 8)
  }

  @Test func `training moves the running statistics, evaluation does not`() {
    let net = network()
    let before = net.buffers.map(\.value)
    _ = net(images, in: ForwardPass(.evaluation))
    #expect(net.buffers.map(\.value) == before)
    _ = net(images, in: ForwardPass(.training))
    #expect(zip(net.buffers, before).allSatisfy { $0.value != $1 })
  }

  @Test func `published cells of other sizes are networks with the counted weights`() throws {
    for (name, weights) in [("NASNet", 23_950), ("PNASNet", 27_990), ("FairDARTS_a", 12_390)] {
      let genotype = try #require(DARTSGenotype(published: name))
      let net = network(genotype, hasAuxiliaryHead: false)
      #expect(net.parameters.reduce(0) { $0 + $1.value.shape.count } == weights, "\(name)")
      net.dropPath = DropPath(probability: 0.2, generator: RandomGenerator(seed: 1))
      let pass = ForwardPass(.training, differentiating: net.parameters)
      let loss = crossEntropy(net(images, in: pass).scores, labels: [1, 2, 3])
      for (parameter, gradient) in zip(net.parameters, pass.gradients(of: loss)) {
        #expect(gradient.isFinite && gradient.dot(gradient) > 0, "\(name): \(parameter.name)")
      }
    }
  }

  @Test func `a network of all operations, none included, and of equal sources`() {
    let kinds = SearchSpace.darts.primitives
    let cell = DARTSGenotype.Cell(
      kinds.enumerated().map { .init($0.element, from: $0.offset == 3 ? 0 : $0.offset / 2) })
    let nothing = DARTSGenotype.Cell(
      Array(repeating: .init(.none, from: 1), count: 8), concatenated: [5])
    for (normal, reduction) in [(cell, cell), (nothing, cell), (cell, nothing)] {
      let net = network(DARTSGenotype(normal: normal, reduction: reduction))
      #expect(net(images, in: ForwardPass(.training)).scores.value.isFinite)
    }
  }
}
