import Datasets
import NeuralNetworks
import SearchMethods
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

/// Every method on every space.
@Suite("Search methods")
struct MethodTests {
  private static let methods = methodsForTwoChannels
  private static let spaces = [SearchSpace.nasBench201, .darts].flatMap {
    [$0, Simplifier().simplify($0)]
  }

  /// What two epochs leave behind, and the cell.
  private struct Trace: Equatable {
    var losses: [Double] = []
    var cell = ""
    var alphas: [[Tensor]] = []
    var weights: [Tensor] = []
  }

  private func trace(
    _ network: some Supernet, _ method: any SearchMethod, _ settings: SearchSettings
  ) throws -> Trace {
    var trace = Trace(alphas: [network.architectureParameters.map(\.value)])
    let loop = try BilevelSearch(
      network, SmallImages.make(count: 32, seed: 1), settings, method: method,
      seed: RandomGenerator(seed: 1))
    let cells = try loop.run { event in
      switch event {
      case .step(_, _, _, let loss): trace.losses.append(loss)
      case .evaluation: break
      case .unit(let metrics):
        trace.losses.append(metrics.validationLoss)
        trace.alphas.append(network.architectureParameters.map(\.value))
      }
    }
    trace.cell = "\(cells[0])"
    trace.weights = network.parameters.map(\.value)
    return trace
  }

  private func trace(
    _ method: any SearchMethod, _ space: SearchSpace, threads: Int, frozen: Int = 0,
    adapts: Bool = true
  ) throws -> Trace {
    let form = method.prepare(space)
    let seed = RandomGenerator(seed: 1)
    var settings =
      space.name == "darts"
      ? SearchSettings(
        SpaceEntry.darts.searchRecipe, epochs: 2, batchSize: 8, alphaLearningRate: 0.01)
      : SearchSettings(epochs: 2, batchSize: 8, alphaLearningRate: 0.01)
    if adapts { method.adapt(&settings) }
    settings.frozenEpochs = frozen
    return try Threads.$limit.withValue(threads) {
      space.name == "darts"
        ? try trace(
          DARTSSupernet(form, channels: 2, layers: 3, classes: 10, seed: seed), method, settings)
        : try trace(
          NASBench201Supernet(form, channels: 2, cellsPerStage: 1, classes: 10, seed: seed), method,
          settings)
    }
  }

  @Test(arguments: methods.indices, spaces.indices)
  func `two epochs, the same bytes for any number of threads`(_ method: Int, _ space: Int) throws {
    let (method, space) = (Self.methods[method], Self.spaces[space])
    let first = try trace(method, space, threads: 1)
    #expect(try trace(method, space, threads: 2) == first)
    #expect(first.losses.count == 6 && first.losses.allSatisfy(\.isFinite))
    for (before, after) in zip(first.alphas, first.alphas.dropFirst()) {
      #expect(!before.isEmpty && before.count == after.count)
      for (a, b) in zip(before, after) { #expect(a != b, "every architecture parameter moves") }
    }
    if space.name == "darts" {
      #expect(try DARTSGenotype(parsing: first.cell).description == first.cell)
    } else {
      #expect(try NASBench201Genotype(parsing: first.cell).description == first.cell)
    }
  }

  @Test func `all methods differ from each other`() throws {
    // With the same settings for all, so that what differs is what a method computes.
    let traces = try Self.methods.map {
      try trace($0, Self.spaces[0], threads: 2, adapts: false).alphas
    }
    for i in traces.indices {
      for j in 0..<i { #expect(traces[i] != traces[j], "\(Self.methods[i]), \(Self.methods[j])") }
    }
  }

  @Test func `settings that a method changes`() {
    func changed(_ method: any SearchMethod) -> SearchSettings {
      var settings = SearchSettings(SpaceEntry.darts.searchRecipe, epochs: 50, batchSize: 64)
      method.adapt(&settings)
      return settings
    }
    let darts = changed(DARTS())
    #expect(darts.movesAlphaFirst && !darts.isNesterov && darts.weightDecay == 3e-4)
    let gdas = changed(GDAS(seed: RandomGenerator(seed: 1)))
    #expect(!gdas.movesAlphaFirst && gdas.isNesterov && gdas.weightDecay == 5e-4)
    var settings = SearchSettings(epochs: 50, batchSize: 64)
    BetaDARTS().adapt(&settings)
    #expect(settings.weightDecay == 3e-4)
  }

  @Test func `in frozen epochs the weights move alone`() throws {
    let free = try trace(DARTS(), Self.spaces[0], threads: 2)
    let trace = try trace(DARTS(), Self.spaces[0], threads: 2, frozen: 1)
    #expect(trace.alphas[0] == trace.alphas[1] && trace.alphas[1] != trace.alphas[2])
    #expect(trace.weights != free.weights)
    #expect(trace.losses[0] == free.losses[0])
  }
}
