import NeuralNetworks
import SearchSpaces
import Tensors

// All that a run of DOTS goes on from. The first network is kept as it was left, for its alpha tells which candidates
// survived; the second one has the names `topologyValue.NAME`. What the optimizers remember is of the network that is
// trained.

extension DOTSSearch {
  private func changing(_ network: some Supernet) -> [Parameter] {
    network.parameters + network.architectureParameters + network.buffers
  }

  var state: SearchState {
    var state = SearchState(
      progress: progress, numbers: ["alpha_steps": Double(architectureOptimizer.steps)])
    let first = changing(network)
    state.put("value", first.map(\.value), of: first)
    if let topologyNetwork {
      let second = changing(topologyNetwork)
      state.put("topologyValue", second.map(\.value), of: second)
    }
    let architecture = current.architectureParameters
    state.put("velocity", weightOptimizer.velocities, of: current.parameters)
    state.put("firstMoment", architectureOptimizer.firstMoments, of: architecture)
    state.put("secondMoment", architectureOptimizer.secondMoments, of: architecture)
    return state
  }

  func restore(_ state: SearchState) throws(SearchStateError) {
    let epoch = state.progress.units
    try state.checkProgress(
      epochs: units, stepsPerEpoch: work(in: min(max(0, epoch), units - 1)).steps,
      batchSize: settings.batchSize)
    var rest = state
    var parameters = changing(network)
    var values = try rest.take("value", of: parameters)
    let second = epoch >= schedule.change ? makeTopologyNetwork() : nil
    if let second {
      values += try rest.take("topologyValue", of: changing(second))
      parameters += changing(second)
    }
    let trained: any Supernet = second ?? network
    let hasBegun = epoch != (second == nil ? 0 : schedule.change) || state.progress.steps > 0
    let velocities = try rest.take("velocity", of: hasBegun ? trained.parameters : [])
    let alphaSteps = try state.count(
      "alpha_steps", in: 0...units * max(work(in: 0).steps, work(in: units - 1).steps))
    let moved = alphaSteps > 0 ? trained.architectureParameters : []
    let first = try rest.take("firstMoment", of: moved)
    let squares = try rest.take("secondMoment", of: moved)
    try rest.checkAllTaken()
    for (parameter, value) in zip(parameters, values) { parameter.value = value }
    if let second { beginTopology(in: second) } else { beginOperations() }
    weightOptimizer.velocities = velocities
    architectureOptimizer.steps = alphaSteps
    (architectureOptimizer.firstMoments, architectureOptimizer.secondMoments) = (first, squares)
    progress = state.progress
  }
}
