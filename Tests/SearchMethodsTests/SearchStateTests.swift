import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing

@testable import SearchMethods

/// A search that goes on from a saved state is the search that never stopped.
@Suite("Search state")
struct SearchStateTests {
  private static let seed = RandomGenerator(seed: 1)

  /// What a search reports, without times, and the state at its end, bit for bit.
  private struct Trace: Equatable {
    var lines: [String] = []
    var tensors: [String: [UInt64]] = [:]
  }

  private struct Stop: Error {}

  private static let methods = MethodEntry.all.compactMap { entry in
    var values = entry.standardValues
    // The network here has two channels, which have no four parts.
    if values["partial-channels"] != nil { values["partial-channels"] = 2 }
    return entry.make(values, seed) as? any SearchMethod
  }

  /// A search of 2 epochs of 3 steps by a method on NAS-Bench-201, alpha frozen in the first epochs.
  private func loop(_ method: any SearchMethod, frozen: Int) throws -> any Search<EpochMetrics> {
    var settings = SearchSettings(epochs: 2, batchSize: 4, alphaLearningRate: 0.01)
    settings.frozenEpochs = frozen
    return try BilevelSearch(
      NASBench201Supernet(
        method.prepare(.nasBench201), channels: 2, cellsPerStage: 1, classes: 10,
        seed: Self.seed), SmallImages.make(count: 24, seed: 1), settings,
      method: method,
      seed: Self.seed)
  }

  /// A search of 2 epochs of 3 steps on one of the spaces.
  private func loop(on space: SearchSpace, batch: Int = 4) throws -> any Search<EpochMetrics> {
    let images = SmallImages.make(count: 24, seed: 1)
    if space.name == SearchSpace.darts.name {
      return try BilevelSearch(
        DARTSSupernet(.darts, channels: 2, layers: 3, classes: 10, seed: Self.seed), images,
        .init(SpaceEntry.darts.searchRecipe, epochs: 2, batchSize: batch, alphaLearningRate: 0.01),
        seed: Self.seed)
    }
    return try BilevelSearch(
      NASBench201Supernet(
        .nasBench201, channels: 2, cellsPerStage: 1, classes: 10, seed: Self.seed), images,
      SearchSettings(epochs: 2, batchSize: batch, alphaLearningRate: 0.01), seed: Self.seed)
  }

  private func bits(_ state: SearchState) -> [String: [UInt64]] {
    state.tensors.mapValues { $0.scalars.map { UInt64($0.bitPattern) } }
  }

  /// Runs a search, from `state` if there is one, until `stop` says so.
  private func run(
    _ space: SearchSpace, from state: SearchState? = nil, threads: Int? = nil,
    until stop: (SearchEvent<EpochMetrics>) -> Bool = { _ in false }
  ) throws -> (trace: Trace, state: SearchState) {
    try run(try loop(on: space), from: state, threads: threads, until: stop)
  }

  private func run(
    _ loop: any Search<EpochMetrics>, from state: SearchState? = nil, threads: Int? = nil,
    until stop: (SearchEvent<EpochMetrics>) -> Bool = { _ in false }
  ) throws -> (trace: Trace, state: SearchState) {
    if let state { try loop.restore(state) }
    var trace = Trace()
    try Threads.$limit.withValue(threads) {
      do {
        _ = try loop.run { event in
          switch event {
          case .step(let epoch, let step, _, let loss):
            trace.lines.append("\(epoch) \(step) \(loss)")
          case .evaluation: break
          case .unit(let m):
            trace.lines.append(
              "\(m.epoch) \(m.trainingLoss) \(m.trainingAccuracy) \(m.validationLoss) "
                + "\(m.validationAccuracy) \(m.alphaEntropy) \(m.genotype) \(loop.records[0].rows)")
          }
          if stop(event) { throw Stop() }
        }
      } catch is Stop {}
    }
    trace.tensors = bits(loop.state)
    return (trace, loop.state)
  }

  @Test(arguments: [SearchSpace.nasBench201, .darts])
  func `a resumed search equals the uninterrupted one, wherever it stopped`(_ space: SearchSpace)
    throws
  {
    let whole = try run(space).trace
    #expect(whole.lines.count == 8)
    // 3 steps and the end of each epoch, counted from 1; the evaluation has no line of its own.
    for stop in 1...8 {
      var lines = 0
      let first = try run(space, threads: 2) { event in
        if case .evaluation = event { return false }
        lines += 1
        return lines == stop
      }
      #expect(first.trace.lines == Array(whole.lines.prefix(stop)))
      let second = try run(space, from: first.state, threads: 1 + stop % 3).trace
      #expect(first.trace.lines + second.lines == whole.lines, "stopped after line \(stop)")
      #expect(second.tensors == whole.tensors, "stopped after line \(stop)")
    }
  }

  @Test func `a search that stopped while it evaluated`() throws {
    let whole = try run(.nasBench201).trace
    let first = try run(.nasBench201) { if case .evaluation(unit: 2) = $0 { true } else { false } }
    #expect(first.state.progress.steps == 3 && first.state.progress.units == 1)
    let second = try run(.nasBench201, from: first.state).trace
    #expect(first.trace.lines + second.lines == whole.lines)
    #expect(second.tensors == whole.tensors)
  }

  @Test(arguments: methods.indices, [0, 1])
  func `every method goes on, from any step and from the evaluation`(_ index: Int, _ frozen: Int)
    throws
  {
    let method = Self.methods[index]
    let whole = try run(loop(method, frozen: frozen)).trace
    for (epoch, step) in [(1, 2), (2, 1), (1, nil), (2, nil)] as [(Int, Int?)] {
      let first = try run(loop(method, frozen: frozen)) { event in
        switch event {
        case .step(let e, let s, _, _): e == epoch && s == step
        case .evaluation(let e): e == epoch && step == nil
        case .unit: false
        }
      }
      let second = try run(loop(method, frozen: frozen), from: first.state).trace
      #expect(first.trace.lines + second.lines == whole.lines, "\(method), \(epoch), \(step ?? 0)")
      #expect(second.tensors == whole.tensors, "\(method), \(epoch), \(step ?? 0)")
    }
  }

  @Test func `every part of the state matters`() throws {
    let whole = try run(.nasBench201).trace
    let stopped = try run(.nasBench201) { if case .step(1, 2, _, _) = $0 { true } else { false } }
    let kinds = Set(stopped.state.tensors.keys.map { $0.prefix { $0 != "." } })
    #expect(kinds == ["value", "velocity", "firstMoment", "secondMoment"])
    for name in [
      "value.alpha", "value.stem.conv.weight", "value.lastNorm.runningMean",
      "velocity.classifier.weight", "firstMoment.alpha", "secondMoment.alpha",
    ] {
      var state = stopped.state
      let tensor = try #require(state.tensors[name], "\(name) of \(state.tensors.keys.sorted())")
      state.tensors[name] = Tensor(tensor.scalars.map { $0 + 0.01 }, shape: tensor.shape)
      #expect(try run(.nasBench201, from: state).trace.tensors != whole.tensors, "\(name)")
    }
    var state = stopped.state
    state.numbers["alpha_steps", default: 0] += 1
    #expect(try run(.nasBench201, from: state).trace.tensors != whole.tensors, "alpha_steps")
  }

  @Test func `a state of another search is refused, and changes nothing`() throws {
    let state = try run(.nasBench201) { if case .step = $0 { true } else { false } }.state
    let loop = try loop(on: .nasBench201)
    let before = bits(loop.state)
    func refused(_ expected: SearchStateError, _ change: (inout SearchState) -> Void) {
      var changed = state
      change(&changed)
      #expect(throws: expected) { try loop.restore(changed) }
      #expect(bits(loop.state) == before && loop.progress == SearchProgress())
    }
    refused(.missing("velocity.classifier.bias")) { $0.tensors["velocity.classifier.bias"] = nil }
    refused(.missing("firstMoment.alpha")) { $0.tensors["firstMoment.alpha"] = nil }
    refused(.unknown("value.other")) { $0.tensors["value.other"] = Tensor(0) }
    refused(.shape("value.alpha", expected: [6, 5], found: [5, 6])) {
      $0.tensors["value.alpha"] = .zeros([5, 6])
    }
    for epochs in [-1, 3] {
      let progress = SearchProgress(units: epochs)
      refused(.progress(epochs: 2, stepsPerEpoch: 3, found: progress)) { $0.progress = progress }
    }
    let other = try run(.darts) { if case .step = $0 { true } else { false } }.state
    #expect(throws: SearchStateError.self) { try loop.restore(other) }
    #expect(bits(loop.state) == before)
  }
}
