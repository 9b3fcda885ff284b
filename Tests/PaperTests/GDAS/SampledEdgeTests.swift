import Autodiff
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// GDAS: D3-1 to D3-5; TS-31 has its own tests.
@Suite("GDAS")
struct GDASTests {
  private let golden: GoldenFile
  init() throws { golden = try GoldenFile("methods-golden") }

  private let all = [0, 1, 2]
  private var weights: [EdgeWeight] {
    all.map { EdgeWeight(edge: 0, weight: ArchitectureWeight([$0], within: all)) }
  }

  private func row(_ numbers: [Double]) -> Tensor {
    Tensor(vector: numbers).reshaped(to: [1, numbers.count])
  }

  private func relaxation(_ test: GoldenCase) throws -> GumbelRelaxation {
    GumbelRelaxation(
      noise: row(try test.vector("gumbel")), temperature: Scalar(try test.scalar("tau")))
  }

  /// The derivative of the relaxed weights, given that of the loss in them.
  private func gradient(_ test: GoldenCase, _ upstream: [Double]) throws -> [Double] {
    let tape = Tape()
    let alpha = tape.variable(row(try test.vector("alpha")))
    let h = try relaxation(test).values(of: weights, logits: alpha)
    return tape.gradients(of: h, cotangent: Tensor(vector: upstream), withRespectTo: [alpha])[0]
      .doubles
  }

  @Test func eqD3_2_golden() throws {
    let test = try golden["gdas-straight-through"]
    // The gradient of weight k is that of p_k, so a unit gradient of each shows the Jacobian of the softmax.
    let (p, tau) = (try test.vector("p"), try test.scalar("tau"))
    for k in all {
      let expected = all.map { p[k] * ((k == $0 ? 1 : 0) - p[$0]) / tau }
      let unit = all.map { $0 == k ? 1.0 : 0 }
      expectClose(try gradient(test, unit), expected, absolute: test.relativeTolerance)
    }
  }

  @Test func eqD3_3_forwardOneHotBackwardSoft() throws {
    let test = try golden["gdas-straight-through"]
    let alpha = row(try test.vector("alpha"))
    let h = try relaxation(test).values(of: weights, logits: .constant(alpha)).value.doubles
    let winner = try test.integer("winner")
    #expect(h == all.map { $0 == winner ? 1 : 0 })
  }

  @Test func eqD3_4_golden() throws {
    let test = try golden["gdas-straight-through"]
    let tape = Tape()
    let alpha = tape.variable(row(try test.vector("alpha")))
    let outputs = try test.vector("operationOutputs")
    let winner = try test.integer("winner")
    let summands = all.map { k -> Summand in
      k == winner ? .identity(.constant(Tensor(vector: [outputs[k]]))) : .one([1])
    }
    let y = mixture(summands, weights: try relaxation(test).values(of: weights, logits: alpha))
    expectClose(Double(y.item), try test.scalar("output"))
    let gradient = tape.gradients(
      of: y, cotangent: Tensor(vector: [try test.scalar("upstream")]), withRespectTo: [alpha])[0]
    try expectGolden(gradient.doubles, test, vector: "gradAlpha")
    #expect(gradient.doubles.allSatisfy { abs($0) > 0.1 }, "of what was not evaluated, too")
  }

  @Test func eqD3_4_negative_withoutTheOthersTheGradientIsAnother() throws {
    let test = try golden["gdas-straight-through"]
    let expected = try test.vector("gradAlpha")
    try expectGolden(try gradient(test, test.vector("gradP")), test, vector: "gradAlpha")
    let wrong = try gradient(test, [0, test.vector("gradP")[1], 0])
    #expect(zip(wrong, expected).contains { abs($0 - $1) > 0.1 })
  }

  @Test func eqD3_4_onAnEdgeOtherOperationsAreNotEvaluated() {
    let network = PathNetwork(
      SearchSpace.nasBench201.paths[0], channels: 3, name: "e", seed: RandomGenerator(seed: 1))
    let operations = (0..<5).map { sampled -> Int in
      var noise = Tensor.zeros([1, 5])
      noise[sampled] = 9
      let pass = ForwardPass(.training, differentiating: network.parameters)
      let weights = RelaxedArchitecture(
        logits: .constant(.zeros([1, 5])),
        relaxation: GumbelRelaxation(noise: noise, temperature: 1))
      let y = network(.constant(sample([1, 4, 4, 3])), weights, in: pass)
      let gradients = pass.gradients(of: sum(y * .constant(sample(y.shape, 1))))
      return gradients.count { $0.dot($0) > 0 }
    }
    // One kernel if a convolution was sampled, else none.
    #expect(operations == [0, 0, 1, 1, 0])
  }

  @Test func eqD3_5_golden() throws {
    let test = try golden["gdas-temperature"]
    let epochs = try test.integer("epochs")
    let taus = try test.vector("epoch").map {
      gumbelTemperature(epoch: Int($0), of: epochs, from: 10, to: 0.1)
    }
    expectClose(taus, try test.vector("tau"), absolute: 1e-12)
    #expect(gumbelTemperature(epoch: 0, of: 1, from: 10, to: 0.1) == 10, "one epoch is the first")
  }

  @Test func eqD3_5_negative_theLastEpochIsNotOneBefore() {
    #expect(gumbelTemperature(epoch: 249, of: 250, from: 10, to: 0.1) < 0.1 + 1e-9)
  }

  private let gdas = GDAS(seed: RandomGenerator(seed: 1))

  /// Which candidates are drawn on 200 edges with equal logits.
  private func draw(_ pass: SearchPass, epoch: Int, step: Int = 0, kind: Int = 0) -> [Int] {
    let shape: Shape = [200, 3]
    let relaxation = gdas.relaxation(
      for: pass, at: SearchMoment(epoch: epoch, of: 5, step: step), parameters: [shape, shape]
    ).forCells(ofKind: kind)
    let weights = (0..<200).flatMap { edge in
      all.map { EdgeWeight(edge: edge, weight: ArchitectureWeight([$0], within: all)) }
    }
    let h = relaxation.values(of: weights, logits: .constant(.zeros(shape))).value.doubles
    return (0..<200).map { edge in all.first { h[3 * edge + $0] == 1 } ?? -1 }
  }

  @Test func eqD3_1_aDrawFollowsFromTheMomentAlone() {
    let first = draw(.weights, epoch: 1)
    #expect(first == draw(.weights, epoch: 1), "drawn again, it is the same")
    #expect(first != draw(.alpha, epoch: 1), "every pass has its own")
    #expect(first != draw(.weights, epoch: 2))
    #expect(first != draw(.weights, epoch: 1, step: 1))
    #expect(first != draw(.weights, epoch: 1, kind: 1), "and every kind of cells")
    for k in all { #expect(first.count { $0 == k } > 40, "all are drawn") }
  }

  @Test func eqD3_1_candidatesAreDrawnWithTheirProbability() {
    // Of logits log 3 and 0 the first wins in three of four draws, at any temperature.
    var generator = RandomGenerator(seed: 2)
    let rows = 4000
    let noise = Tensor((0..<2 * rows).map { _ in generator.gumbel() }, shape: [rows, 2])
    let logits = Tensor(
      (0..<2 * rows).map { $0 % 2 == 0 ? Scalar(1.0986123) : 0 }, shape: [rows, 2])
    let weights = (0..<rows).map {
      EdgeWeight(edge: $0, weight: ArchitectureWeight([0], within: [0, 1]))
    }
    for temperature in [10, 0.1] as [Scalar] {
      let h = GumbelRelaxation(noise: noise, temperature: temperature)
        .values(of: weights, logits: .constant(logits)).value
      expectClose(h.total() / Double(rows), 0.75, absolute: 0.025)
    }
  }

  /// One candidate with half of the weight among five: noise of the other sign would draw it in 62 of 100.
  @Test func eqD3_1_theMethodDrawsFromTheSoftmax() {
    let edges = 4000
    let shape: Shape = [edges, 5]
    let logits = Tensor((0..<5 * edges).map { $0 % 5 == 2 ? Scalar(1.3862944) : 0 }, shape: shape)
    let relaxation = gdas.relaxation(
      for: .weights, at: SearchMoment(epoch: 2, of: 5), parameters: [shape])
    let weights = (0..<edges).map {
      EdgeWeight(edge: $0, weight: ArchitectureWeight([2], within: Array(0..<5)))
    }
    let h = relaxation.values(of: weights, logits: .constant(logits)).value
    expectClose(h.total() / Double(edges), 0.5, absolute: 0.03)
  }

  @Test func eqD3_1_everyKindOfCellsFollowsItsOwnNoise() {
    let network = DARTSSupernet(
      .darts, channels: 2, layers: 3, classes: 10, seed: RandomGenerator(seed: 1))
    func scores(normal: Int, reduction: Int) -> Tensor {
      let relaxation = GumbelRelaxation(
        noises: [normal, reduction].map { 3 * sample([14, 8], $0) }, temperature: 1)
      return network(sample([2, 32, 32, 3], 9), relaxation, in: ForwardPass(.training)).value
    }
    let reference = scores(normal: 1, reduction: 2)
    #expect(scores(normal: 1, reduction: 2) == reference)
    #expect(largestDifference(scores(normal: 3, reduction: 2), reference) > 1e-3)
    #expect(largestDifference(scores(normal: 1, reduction: 3), reference) > 1e-3)
  }

  @Test func eqD3_1_limit_anEvaluationHasNoNoise() {
    let logits = sample([6, 5], 1)
    let relaxation = gdas.relaxation(
      for: .evaluation, at: SearchMoment(epoch: 3, of: 5), parameters: [[6, 5]])
    let weights = (0..<30).map {
      EdgeWeight(edge: $0 / 5, weight: ArchitectureWeight([$0 % 5], within: Array(0..<5)))
    }
    let h = relaxation.values(of: weights, logits: .constant(logits)).value.scalars
    for edge in 0..<6 {
      let row = edge * 5..<edge * 5 + 5
      #expect(
        h[row].firstIndex(of: 1).map { $0 - row.lowerBound } == argMax(Array(logits.scalars[row])))
    }
  }
}
