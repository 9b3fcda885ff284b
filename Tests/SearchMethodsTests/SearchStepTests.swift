import Autodiff
import Datasets
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Synchronization
import Tensors
import TestSupport
import Testing

/// What a search gives to a method and to a network in each of its steps, noted by both.
@Suite("Search step")
struct SearchStepTests {
  private static let seed = RandomGenerator(seed: 1)
  private let images = SmallImages.make(count: 24, seed: 1)

  private func makeNetwork() -> NASBench201Supernet {
    NASBench201Supernet(
      .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: Self.seed)
  }

  private func batch(_ seed: UInt64) -> Batch {
    BatchLoader(
      SmallImages.make(count: 8, seed: seed), batchSize: 8, generator: Self.seed
    ).epoch(0)[0]
  }

  // MARK: Moments

  @Test(arguments: [false, true])
  func `each part of a step has its own relaxation, at the moment of the step`(
    _ movesAlphaFirst: Bool
  ) throws {
    var settings = SearchSettings(epochs: 3, batchSize: 8)
    settings.movesAlphaFirst = movesAlphaFirst
    let method = NotingMethod()
    var step = SearchStep(makeNetwork(), settings, method: method)
    step.moment = SearchMoment(epoch: 1, of: 3, step: 4)
    _ = try step(training: batch(1), validation: batch(2))
    let passes: [SearchPass] = movesAlphaFirst ? [.alpha, .weights] : [.weights, .alpha]
    #expect(method.notes.passes == passes.map { .init(pass: $0, moment: step.moment) })
    #expect(step.parts.map(\.rawValue) == passes.map(\.rawValue))
  }

  /// What a search of 2 epochs of 3 steps asks a method for, from `state` on if there is one.
  private func passes(
    from state: SearchState? = nil, until stop: (SearchEvent<EpochMetrics>) -> Bool = { _ in false }
  ) throws -> (passes: [NotingMethod.Pass], state: SearchState) {
    struct Stop: Error {}
    let method = NotingMethod()
    let loop = try BilevelSearch(
      makeNetwork(), images, SearchSettings(epochs: 2, batchSize: 4), method: method,
      seed: Self.seed)
    if let state { try loop.restore(state) }
    do { try loop.run { if stop($0) { throw Stop() } } } catch is Stop {}
    return (method.notes.passes, loop.state)
  }

  @Test
  func `every step of a search has a moment of its own, and an evaluation follows each epoch`()
    throws
  {
    let expected = (0..<2).flatMap { epoch in
      (0..<3).flatMap { step in
        [SearchPass.weights, .alpha].map { NotingMethod.Pass($0, epoch, step) }
      } + [NotingMethod.Pass(.evaluation, epoch, 3)]
    }
    #expect(try passes().passes == expected)
  }

  @Test func `a resumed search goes on at the moment where it stopped`() throws {
    let whole = try passes().passes
    let inEpoch = try passes { if case .step(2, 1, _, _) = $0 { true } else { false } }
    #expect(inEpoch.passes.count == 9)
    #expect(try inEpoch.passes + passes(from: inEpoch.state).passes == whole)
    let beforeEvaluation = try passes { if case .evaluation(1) = $0 { true } else { false } }
    #expect(beforeEvaluation.passes.count == 6)
    #expect(try beforeEvaluation.passes + passes(from: beforeEvaluation.state).passes == whole)
  }

  // MARK: Batches

  /// Alpha that always sees the first batch of its half is a fault that other searches have had.
  @Test func eqD1_4_everyStepTakesTheNextBatchOfEitherHalf() throws {
    let network = NotingSupernet(makeNetwork())
    try BilevelSearch(
      network, images, SearchSettings(epochs: 2, batchSize: 4), seed: Self.seed
    ).run { _ in }
    let halves = try SearchHalves(images, batchSize: 4, seed: Self.seed)
    let evaluation = halves.validation.evaluationBatches.map(\.images)
    // The last evaluation is that of the derived cell.
    let expected =
      (0..<2).flatMap { epoch in
        (0..<3).flatMap { step in
          [halves.training, halves.validation].map { $0.epoch(epoch)[step].images }
        } + evaluation
      } + evaluation
    #expect(network.images.count == 2 * (2 * 3 + 3) + 3)
    #expect(network.images == expected)
    for i in 0..<6 { for j in 0..<i { #expect(expected[i] != expected[j]) } }
  }

  /// A method that looks ahead has the batch on which the weights move in this step.
  @Test func eqD1_4_aMethodMayAskForTheTrainingBatchOfTheStep() throws {
    let method = NotingMethod()
    try BilevelSearch(
      makeNetwork(), images, SearchSettings(epochs: 1, batchSize: 4), method: method,
      seed: Self.seed
    ).run { _ in }
    let halves = try SearchHalves(images, batchSize: 4, seed: Self.seed)
    let (training, validation) = (halves.training.epoch(0), halves.validation.epoch(0))
    let steps = method.notes.steps
    #expect(steps.map(\.training) == (0..<3).map { training[$0].images })
    #expect(steps.map(\.validation) == (0..<3).map { validation[$0].images })
  }

  // MARK: Optimizers

  @Test func `the gradients of the weights are shortened together, those of alpha are not`() throws
  {
    var settings = SearchSettings(epochs: 1, batchSize: 8)
    (settings.momentum, settings.isNesterov, settings.weightDecay) = (0, false, 0)
    // A step is then the gradient itself.
    settings.learningRate = 1
    func length(clippedTo limit: Double) throws -> Double {
      let network = makeNetwork()
      let before = network.parameters.map(\.value)
      settings.gradientClip = limit
      var step = SearchStep(network, settings)
      _ = try step.weightStep(batch(1))
      let moves = zip(network.parameters, before).map { $0.value - $1 }
      return moves.reduce(0) { $0 + $1.dot($1) }.squareRoot()
    }
    let whole = try length(clippedTo: 1e6)
    #expect(whole > 0.1)
    for share in [0, 0.1, 0.5, 1] {
      expectClose(
        try length(clippedTo: share * whole), share * whole, absolute: 1e-5, relative: 1e-4)
    }
    expectClose(try length(clippedTo: 2 * whole), whole, "a short one stays")
    let network = makeNetwork()
    let before = network.alpha.value
    settings.gradientClip = 0
    var step = SearchStep(network, settings)
    _ = try step.alphaStep(batch(2), training: batch(1))
    #expect(network.alpha.value != before)
  }

  @Test func `a method sees the optimizer of the weights as it is in the step`() throws {
    let (network, method) = (makeNetwork(), NotingMethod())
    var step = SearchStep(network, SearchSettings(epochs: 2, batchSize: 8), method: method)
    _ = try step.alphaStep(batch(2), training: batch(1))
    _ = try step.weightStep(batch(1))
    step.learningRate = 0.003
    step.moment = SearchMoment(epoch: 1, of: 2, step: 5)
    _ = try step.alphaStep(batch(2), training: batch(1))
    let (first, second) = (method.notes.steps[0], method.notes.steps[1])
    #expect(first.optimizer.learningRate == 0.025 && first.optimizer.velocities.isEmpty)
    #expect(second.optimizer.learningRate == 0.003)
    #expect(second.optimizer.velocities.map(\.shape) == network.parameters.map(\.value.shape))
    #expect([first, second].map(\.moment) == [SearchMoment(of: 2), step.moment])
  }
}

/// First-order DARTS that notes what it is asked for.
private struct NotingMethod: SearchMethod {
  /// What a relaxation was for.
  struct Pass: Hashable {
    let pass: SearchPass
    let moment: SearchMoment

    init(pass: SearchPass, moment: SearchMoment) { (self.pass, self.moment) = (pass, moment) }

    /// One in a search of two epochs.
    init(_ pass: SearchPass, _ epoch: Int, _ step: Int) {
      self.init(pass: pass, moment: SearchMoment(epoch: epoch, of: 2, step: step))
    }
  }

  /// What a step of alpha was given.
  struct Step: Sendable {
    let training: Tensor
    let validation: Tensor
    let moment: SearchMoment
    let optimizer: SGD
  }

  final class Notes: Sendable {
    private let all = Mutex<(passes: [Pass], steps: [Step])>(([], []))
    var passes: [Pass] { all.withLock { $0.passes } }
    var steps: [Step] { all.withLock { $0.steps } }

    /// A pass asks for several lists of weights, and counts once.
    func add(_ pass: Pass) {
      all.withLock { if $0.passes.last != pass { $0.passes.append(pass) } }
    }
    func add(_ step: Step) { all.withLock { $0.steps.append(step) } }
  }

  /// A softmax that notes when it is used, not only made.
  private struct NotingRelaxation: Relaxation {
    let pass: Pass
    let notes: Notes

    func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
      notes.add(pass)
      return nestedSoftmax(logits, weights)
    }
  }

  let notes = Notes()
  var description: String { "DARTS with notes" }

  func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation {
    NotingRelaxation(pass: Pass(pass: pass, moment: moment), notes: notes)
  }

  func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    notes.add(
      Step(
        training: step.training().images, validation: step.validation.images, moment: step.moment,
        optimizer: step.weightOptimizer))
    return firstOrderArchitectureGradient(
      of: step.network, validation: step.validation, step.relaxation)
  }
}

/// A supernet that notes which images it sees.
private final class NotingSupernet: Supernet {
  private let network: NASBench201Supernet
  private(set) var images: [Tensor] = []

  init(_ network: NASBench201Supernet) { self.network = network }

  var parameters: [Parameter] { network.parameters }
  var buffers: [Parameter] { network.buffers }
  var architectureParameters: [Parameter] { network.architectureParameters }
  var logCandidateWeights: [Tensor] { network.logCandidateWeights }
  var space: SearchSpace { network.space }
  var derivedEdges: [[DerivedEdge]] { network.derivedEdges }
  var genotype: NASBench201Genotype { network.genotype }

  func callAsFunction(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> Variable {
    self.images.append(images)
    return network(images, relaxation, in: pass)
  }
}
