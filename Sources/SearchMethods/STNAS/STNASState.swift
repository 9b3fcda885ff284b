import NeuralNetworks
import SearchSpaces
import Tensors

// All that changes in a search by ST-NAS, besides the progress:
//
//     value.NAME               weights and running statistics
//     velocity.NAME            what SGD remembers, from the first step on
//     sample0.NAME, ...        the weight samples so far
//     seen, members            genomes [count, genes], the members in the order in which they were measured
//     score 0, ...             the score of each member
//     generation 0, ...        how many members each generation has added
//     accuracy 0, ...          the accuracies in the generation that is under way
extension STNASSearch {
  private var changing: [Parameter] { network.parameters + network.buffers }

  /// The state now; it shares the memory of the tensors until they change.
  var state: SearchState {
    var state = SearchState(progress: progress)
    state.put("value", changing.map(\.value), of: changing)
    state.put("velocity", optimizer.velocities, of: network.parameters)
    for (m, sample) in samples.enumerated() {
      state.put("sample\(m)", sample, of: network.parameters)
    }
    state.put(pool.seen, "seen")
    state.put(pool.members.map(\.genome), "members")
    state.put(pool.members.map(\.fitness), "score")
    state.put(measured.map(Double.init), "generation")
    state.put(accuracies, "accuracy")
    return state
  }

  /// Puts the search where `state` was taken; if it throws, nothing has changed.
  func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: units, stepsPerEpoch: .max,
      batchSize: max(settings.batchSize, halves.validationCount))
    let (unit, step) = (state.progress.units, state.progress.steps)
    let generations = max(0, unit - settings.epochs - 1)
    var (sampled, isGeneration) = (0, false)
    switch phase(unit) {
    case .training: break
    case .sampling:
      sampled = (0...step).count { algorithm.sampling.sample(after: $0) != nil }
    case .generation:
      (sampled, isGeneration) = (algorithm.sampling.samples, true)
    }
    var rest = state
    let values = try rest.take("value", of: changing)
    let velocities = try rest.take(
      "velocity", of: settings.epochs > 0 && state.progress.hasBegun ? network.parameters : [])
    var samples: [[Tensor]] = []
    for m in 0..<sampled { samples.append(try rest.take("sample\(m)", of: network.parameters)) }
    let seen = try rest.takeGenomes("seen", of: genes)
    let members = try rest.takeGenomes("members", of: genes)
    var measured: [Int] = []
    for number in 0..<generations {
      measured.append(try state.count("generation \(number)", in: 0...members.count))
    }
    let scores = try state.shares("score", members.count)
    let accuracies = try state.shares("accuracy", isGeneration ? step : 0)
    try rest.checkAllTaken()
    let restored = EvolutionPool(
      budget: algorithm.budget, parents: algorithm.evolution.parents, seen: seen,
      members: zip(members, scores).map { EvolutionPool.Member(genome: $0, fitness: $1) })
    try check(state, restored, measured)
    for (parameter, value) in zip(changing, values) { parameter.value = value }
    optimizer.velocities = velocities
    (self.samples, pool, progress) = (samples, restored, state.progress)
    (self.measured, self.accuracies) = (measured, accuracies)
  }

  /// Throws if the progress is impossible with this pool.
  private func check(
    _ state: SearchState, _ pool: EvolutionPool, _ measured: [Int]
  ) throws(SearchStateError) {
    let unit = state.progress.units
    var (steps, images) = (work(in: unit).steps, settings.batchSize)
    if case .generation(let number) = phase(unit), unit < units {
      guard number == 0 || !pool.members.isEmpty else { throw .missing("members") }
      let proposed = try? proposed(in: number, pool)
      steps = (proposed?.genomes.count ?? 0) * algorithm.sampling.samples
      images = halves.validationCount
    }
    try state.checkProgress(epochs: units, stepsPerEpoch: steps, batchSize: images)
    guard measured.reduce(0, +) == pool.members.count,
      pool.members.allSatisfy({ pool.hasSeen($0.genome) })
    else { throw .missing("members") }
  }
}

extension SearchState {
  fileprivate mutating func put(_ genomes: [[Int]], _ name: String) {
    guard let first = genomes.first else { return }
    tensors[name] = Tensor(
      genomes.flatMap { $0.map { Scalar($0) } }, shape: [genomes.count, first.count])
  }

  fileprivate mutating func put(_ values: [Double], _ name: String) {
    for (index, value) in values.enumerated() { numbers["\(name) \(index)"] = value }
  }

  /// Removes genomes and returns them; none if there is no such tensor.
  fileprivate mutating func takeGenomes(
    _ name: String, of genes: Genes
  ) throws(SearchStateError) -> [[Int]] {
    guard let tensor = tensors.removeValue(forKey: name) else { return [] }
    let count = genes.choices.count
    guard tensor.shape.rank == 2, tensor.shape[1] == count else {
      throw .shape(name, expected: [tensor.shape[0], count], found: tensor.shape)
    }
    var genomes: [[Int]] = []
    for row in 0..<tensor.shape[0] {
      var genome: [Int] = []
      for gene in 0..<count {
        let found = Double(tensor[row * count + gene])
        guard let candidate = Int(exactly: found), genes.choices[gene].contains(candidate) else {
          throw .number(name, expected: "one of \(genes.choices[gene])", found: found)
        }
        genome.append(candidate)
      }
      genomes.append(genome)
    }
    return genomes
  }

  /// So many numbers in [0, 1].
  fileprivate func shares(_ name: String, _ count: Int) throws(SearchStateError) -> [Double] {
    var shares: [Double] = []
    for index in 0..<max(0, count) {
      let name = "\(name) \(index)"
      guard let share = numbers[name], 0...1 ~= share else {
        throw .number(name, expected: "a number from 0 to 1", found: numbers[name])
      }
      shares.append(share)
    }
    return shares
  }
}
