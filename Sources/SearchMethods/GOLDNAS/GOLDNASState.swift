import NeuralNetworks
import SearchSpaces
import Tensors

// All that a gradual search goes on from: weights, gates, running statistics, the memory of both optimizers, what has
// become of each gate, the weight of the penalty, and the series so far.

extension GOLDNASSearch {
  private var changing: [Parameter] { network.parameters + gateParameters + network.buffers }

  var state: SearchState {
    var state = SearchState(
      progress: progress,
      numbers: [
        "penalty_weight": gradual.schedule.weight,
        "penalty_increment": gradual.schedule.increment,
        "quiet_epochs": Double(gradual.series.quietEpochs), "points": Double(series.count),
        "is_finished": isFinished ? 1 : 0,
      ])
    state.put("value", changing.map(\.value), of: changing)
    state.put("velocity", step.weightOptimizer.velocities, of: network.parameters)
    state.put("gateVelocity", step.gateOptimizer.velocities, of: gateParameters)
    state.put(
      "condition",
      zip(gradual.cells, gateParameters).map {
        Tensor(conditions: $0.conditions, shape: $1.value.shape)
      }, of: gateParameters)
    for (index, point) in series.enumerated() {
      let kept = zip(point.cells, gateParameters).map { Tensor(onesAt: $0, shape: $1.value.shape) }
      state.put("point\(index)", kept, of: gateParameters)
      state.numbers["point\(index)_cost"] = point.cost
    }
    return state
  }

  func restore(_ state: SearchState) throws(SearchStateError) {
    try state.checkProgress(
      epochs: units, stepsPerEpoch: work(in: 0).steps, batchSize: settings.batchSize)
    var rest = state
    let values = try rest.take("value", of: changing)
    let hasBegun = state.progress.hasBegun
    let velocities = try rest.take("velocity", of: hasBegun ? network.parameters : [])
    let gateVelocities = try rest.take("gateVelocity", of: hasBegun ? gateParameters : [])
    let conditions = try rest.take("condition", of: gateParameters)
    let count = try state.count("points", in: 0...2 * units)
    var points: [ParetoPoint] = []
    for index in 0..<count {
      let cells = try rest.take("point\(index)", of: gateParameters).map(\.indicesOfOnes)
      points.append(ParetoPoint(cells: cells, cost: try state.number("point\(index)_cost")))
    }
    try rest.checkAllTaken()
    var changed = gradual
    for index in changed.cells.indices {
      changed.cells[index].conditions = try conditions[index].conditions(gateParameters[index].name)
    }
    changed.schedule = PenaltySchedule(
      changed.schedule, weight: try state.number("penalty_weight"),
      increment: try state.number("penalty_increment"))
    changed.series = ParetoSeries(
      stableEpochs: changed.series.stableEpochs,
      quietEpochs: try state.count("quiet_epochs", in: 0...units))
    let ends = try state.count("is_finished", in: 0...1) == 1
    for (parameter, value) in zip(changing, values) { parameter.value = value }
    step.weightOptimizer.velocities = velocities
    step.gateOptimizer.velocities = gateVelocities
    (gradual, series, isFinished, progress) = (changed, points, ends, state.progress)
  }
}

extension Tensor {
  /// What has become of each gate: 0 open, 1 closed, 2 removed.
  fileprivate init(conditions: [GateCondition], shape: Shape) {
    self.init(
      conditions.map { Scalar(GateCondition.order.firstIndex(of: $0) ?? 0) }, shape: shape)
  }

  /// 1 at some places, 0 elsewhere.
  fileprivate init(onesAt places: [Int], shape: Shape) {
    var numbers = Array(repeating: 0 as Scalar, count: shape.count)
    for place in places { numbers[place] = 1 }
    self.init(numbers, shape: shape)
  }

  fileprivate var indicesOfOnes: [Int] { scalars.indices.filter { scalars[$0] == 1 } }

  fileprivate func conditions(_ name: String) throws(SearchStateError) -> [GateCondition] {
    var conditions: [GateCondition] = []
    for number in scalars {
      guard let index = Int(exactly: number), GateCondition.order.indices.contains(index) else {
        throw .number(
          "condition.\(name)", expected: "0, 1 or 2 for each gate", found: Double(number))
      }
      conditions.append(GateCondition.order[index])
    }
    return conditions
  }
}

extension GateCondition {
  fileprivate static let order: [GateCondition] = [.open, .closed, .removed]
}
