import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import Testing

@testable import SearchMethods

/// A training that goes on from a saved state is the training that never stopped.
@Suite("Training state")
struct TrainingStateTests {
  private struct Stop: Error {}

  /// A training of 2 epochs of 3 steps, with drop path in the second, an auxiliary head, and 2 test batches.
  private func loop() throws -> TrainingLoop {
    let seed = RandomGenerator(seed: 1)
    let network = DARTSNetwork(
      .dartsV2, channels: 2, layers: 2, classes: 10, hasAuxiliaryHead: true, seed: seed)
    var settings = TrainingSettings(SpaceEntry.darts.trainingRecipe, epochs: 2, batchSize: 6)
    settings.dropPath = 0.5
    return try TrainingLoop(
      network, SyntheticImages.make(count: 20, seed: 1),
      test: SyntheticImages.make(count: 12, seed: 2), settings, seed: seed)
  }

  /// What a training reports, from `state` on if there is one, until `stop` says so; and its state then.
  private func run(
    from state: SearchState? = nil, threads: Int = 2,
    until stop: (TrainingEvent) -> Bool = { _ in false }
  ) throws -> (lines: [String], state: SearchState) {
    let loop = try loop()
    if let state { try loop.restore(state) }
    var lines: [String] = []
    try Threads.$limit.withValue(threads) {
      do {
        try loop.run { event in
          switch event {
          case .step(let epoch, let step, _, let loss): lines.append("\(epoch) \(step) \(loss)")
          case .evaluation: break
          case .epoch(let m):
            lines.append("\(m.epoch) \(m.trainingLoss) \(m.trainingAccuracy) \(m.testLoss)")
          }
          if stop(event) { throw Stop() }
        }
      } catch is Stop {}
    }
    return (lines, loop.state)
  }

  @Test(arguments: 1...12)
  func `a resumed training equals the uninterrupted one, wherever it stopped`(_ stop: Int) throws {
    let whole = try run()
    #expect(whole.lines.count == 8)
    var events = 0
    let first = try run(threads: 1) { _ in
      events += 1
      return events == stop
    }
    let second = try run(from: first.state, threads: 3)
    #expect(first.lines + second.lines == whole.lines)
    #expect(second.state.tensors == whole.state.tensors)
  }

  @Test(arguments: [
    "value.stem.conv.weight", "value.cells.0.input0.bn.runningMean", "velocity.classifier.bias",
    "velocity.auxiliary.wide.conv.weight",
  ])
  func `every part of the state matters`(_ name: String) throws {
    let whole = try run()
    var state = try run { if case .step(1, 2, _, _) = $0 { true } else { false } }.state
    let tensor = try #require(state.tensors[name])
    #expect(try run(from: state).state.tensors == whole.state.tensors)
    state.tensors[name] = tensor + Tensor(repeating: 0.01, shape: tensor.shape)
    #expect(try run(from: state).state.tensors != whole.state.tensors)
  }

  @Test func `another state is refused, and changes nothing`() throws {
    let state = try run { if case .step = $0 { true } else { false } }.state
    let loop = try loop()
    let before = loop.state.tensors
    func refused(_ expected: SearchStateError, _ change: (inout SearchState) -> Void) {
      var changed = state
      change(&changed)
      #expect(throws: expected) { try loop.restore(changed) }
      #expect(loop.state.tensors == before && loop.progress == SearchProgress())
    }
    refused(.missing("velocity.classifier.bias")) { $0.tensors["velocity.classifier.bias"] = nil }
    refused(.unknown("value.alpha")) { $0.tensors["value.alpha"] = Tensor(0) }
    refused(.shape("value.classifier.bias", expected: [10], found: [9])) {
      $0.tensors["value.classifier.bias"] = .zeros([9])
    }
    let beyond = SearchProgress(units: 3)
    refused(.progress(epochs: 2, stepsPerEpoch: 3, found: beyond)) { $0.progress = beyond }
  }
}
