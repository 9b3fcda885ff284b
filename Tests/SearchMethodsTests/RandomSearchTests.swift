import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors
import TestSupport
import Testing
import TopologicalSimplification

@testable import SearchMethods

@Suite("Random search")
struct RandomSearchTests {
  private typealias Network = CellSupernet<CellGenotype>

  private static let seed = RandomGenerator(seed: 1)
  private static let spaces = [
    SearchSpace.nasBench201, Simplifier().simplify(.nasBench201),
    Simplifier(weights: .independent).simplify(.nasBench201),
  ]

  private func network(_ space: SearchSpace) -> Network {
    CellSupernet(space, channels: 2, cells: 1, classes: 10, seed: Self.seed)
  }

  private func search(
    _ network: Network, images: UInt64 = 1, seed: RandomGenerator = Self.seed,
    learningRate: Double = 0.1
  ) throws -> RandomSearchLoop<Network> {
    var settings = SearchSettings(epochs: 3, batchSize: 8)
    settings.learningRate = learningRate
    let task = SearchTask(
      SmallImages.make(count: 48, seed: images), settings,
      size: NetworkSize(channels: 2, cells: 1), seed: seed)
    return try RandomSearchLoop(network, task, RandomSearch(samples: 3))
  }

  private func take(_ logits: [Tensor], _ network: Network) {
    for (alpha, logits) in zip(network.alphas, logits) { alpha.value = logits }
  }

  /// The logits of a draw, as they follow from the seed.
  private func draw(_ epoch: Int, _ number: Int, _ network: Network) -> [Tensor] {
    var generator = Self.seed.stream("random search").stream("architecture", epoch, number)
    return network.alphas.map { .normal($0.value.shape, using: &generator) }
  }

  /// Evaluates nothing but the candidate of each edge with the largest weight.
  private func path(_ network: Network) -> SampledPath {
    SampledPath(
      network.logCandidateWeights.map { weights in
        weights.scalars.indices.filter { $0 % 5 == 0 }.map { start in
          argMax(weights.scalars[start..<start + 5])
        }
      }, of: network.space)
  }

  /// Each epoch draws three architectures and keeps the best, or the one before, which is measured anew.
  @Test(arguments: spaces.indices)
  func `what it finds is the best of its own draws`(_ space: Int) throws {
    let network = network(Self.spaces[space])
    let search = try search(network)
    let held = try SearchHalves(
      SmallImages.make(count: 48, seed: 1), batchSize: 8, seed: Self.seed
    ).validation
    var best = network.alphas.map(\.value)
    var changes = 0
    try search.run { event in
      guard case .unit(let unit) = event else { return }
      let candidates = [best] + (0..<3).map { draw(unit.unit - 1, 3 + $0, network) }
      let measured = candidates.map { logits in
        take(logits, network)
        return evaluate(network, on: held, path(network)).accuracy
      }
      let highest = try #require(measured.max())
      let winner = try #require(measured.firstIndex(of: highest))
      if winner > 0 { changes += 1 }
      best = candidates[winner]
      take(best, network)
      #expect(unit.accuracy == highest && unit.genotype == "\(network.genotype)")
      #expect(unit.columns[1].value == measured.reduce(0, +) / 4)
      #expect(search.results.map(\.description) == [unit.genotype])
    }
    // With weights of groups all networks are at chance after so few steps.
    if space < 2 { #expect(changes > 0, "else the first one would do") }
  }

  /// The logits that each step takes.
  private func draws(_ search: RandomSearchLoop<Network>, of network: Network) throws -> [[Tensor]]
  {
    var draws: [[Tensor]] = []
    try search.run { if case .step = $0 { draws.append(network.alphas.map(\.value)) } }
    return draws
  }

  @Test func `what is drawn depends on the seed alone`() throws {
    let networks = (0..<3).map { _ in network(.nasBench201) }
    let first = try draws(search(networks[0]), of: networks[0])
    let expected = (0..<9).map { draw($0 / 3, $0 % 3, networks[0]) }
    #expect(first == expected)
    #expect(Set(first.map { $0[0].scalars }).count == 9)
    let others = try draws(search(networks[1], images: 2, learningRate: 0.3), of: networks[1])
    #expect(others == first, "whatever it trains on")
    let seed = RandomGenerator(seed: 2)
    #expect(try draws(search(networks[2], seed: seed), of: networks[2]) != first)
  }

  @Test(arguments: spaces.indices)
  func `a step moves the weights of its architecture and no others`(_ space: Int) throws {
    let network = network(Self.spaces[space])
    let search = try search(network)
    var before = network.parameters.map(\.value)
    var rested = 0
    var everMoved = before.map { _ in false }
    try search.run { event in
      guard case .step = event else { return }
      let now = network.parameters.map(\.value)
      let pass = ForwardPass(.evaluation, differentiating: network.parameters)
      _ = network(Tensor.zeros([1, 32, 32, 3]), path(network), in: pass)
      let used = Set(pass.usedPlaces)
      for place in now.indices {
        if used.contains(place) {
          everMoved[place] = everMoved[place] || now[place] != before[place]
        } else {
          #expect(now[place] == before[place], "\(network.parameters[place].name)")
          // Momentum would move it.
          if everMoved[place] { rested += 1 }
        }
      }
      before = now
    }
    #expect(rested > 0 && everMoved.count { $0 } > everMoved.count / 2)
  }
}
