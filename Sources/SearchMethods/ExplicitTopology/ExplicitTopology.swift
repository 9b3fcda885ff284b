import Autodiff
import Datasets
import Messages
import SearchSpaces
import Tensors

/// Explicit topology learning: Huang et al., *Explicitly Learning Topology for Differentiable Neural Architecture
/// Search*, 2020.
///
/// Which edges a node keeps is a choice of its own, among sets of predecessors, and is learned with the operations by
/// any other method. Known of the publication are its abstract and the code of a related method, DOTS; what is more is
/// this project's reconstruction.
public struct ExplicitTopology: SearchMethod {
  /// Which loss the architecture follows.
  public enum Level: String, CaseIterable, Sendable {
    /// The loss on the validation batch.
    case bilevel
    /// The loss on the batch with which the weights are trained.
    case oneLevel = "one-level"
  }

  /// How the operations of an edge are weighted, and their logits moved.
  public let operations: any SearchMethod
  /// How many edges a node may keep.
  public let sizes: SubsetSizes
  /// tau in the first epoch.
  public let firstTemperature: Double
  /// tau in the last epoch.
  public let lastTemperature: Double
  /// What speaks against invalid topologies; nil is nothing.
  public let penalty: PassiveAggressiveTerm?
  /// Whether the output of a cell is the nodes without a successor.
  public let joinsLooseEnds: Bool
  /// Which loss the architecture follows.
  public let level: Level
  /// Where the noise comes from, if one set per node is sampled.
  private let noise: RandomGenerator?

  /// Creates the method on top of another.
  ///
  /// - Parameters:
  ///   - operations: the method that weights the operations.
  ///   - sizes: K.
  ///   - firstTemperature: tau in the first epoch.
  ///   - lastTemperature: tau in the last epoch.
  ///   - penalty: the term against invalid topologies.
  ///   - joinsLooseEnds: whether the output of a cell is the nodes without a successor; for spaces that join nodes, and
  ///     genotypes that list those that they join.
  ///   - level: the loss that the architecture follows.
  ///   - seed: where noise comes from, to sample one set per node; nil to weight all of them.
  public init(
    on operations: any SearchMethod = DARTS(), sizes: SubsetSizes = .two,
    firstTemperature: Double = 10, lastTemperature: Double = 0.02,
    penalty: PassiveAggressiveTerm? = nil, joinsLooseEnds: Bool = false, level: Level = .bilevel,
    sampledFrom seed: RandomGenerator? = nil
  ) {
    self.operations = operations
    self.sizes = sizes
    self.firstTemperature = firstTemperature
    self.lastTemperature = lastTemperature
    self.penalty = penalty
    self.joinsLooseEnds = joinsLooseEnds
    self.level = level
    noise = seed?.stream("topology")
  }

  /// The name of the method, its numbers and the method underneath.
  public var description: String {
    let parts = [
      "explicit topology learning, K = \(sizes)",
      "tau from \(firstTemperature) to \(lastTemperature)",
      penalty.map { "against invalid topologies a \($0)" },
      joinsLooseEnds ? "loose ends joined" : nil, level == .oneLevel ? "one-level" : nil,
      noise == nil ? nil : "sets sampled", "on \(operations)",
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }

  /// Why its numbers do not fit a space.
  public func objection(to space: SearchSpace) -> Message? {
    if joinsLooseEnds, space.output != .concatenation {
      return """
        \(setting: "loose-ends"): the output of \(space.name) is its last node and joins no nodes
        Hint: leave \(setting: "loose-ends") out, or search \(setting: "space") darts.
        """
    }
    if joinsLooseEnds || sizes.holdsZero, SpaceEntry.named(space.name)?.keepsAnyCandidates == true {
      return """
        an architecture of \(space.name) has an operation in each cell and does not say which nodes its output joins
        Hint: \(setting: "predecessors") without 0, and no \(setting: "loose-ends").
        """
    }
    if penalty != nil, !nodesDangle(in: space), !sizes.holdsZero {
      return """
        \(setting: "invalid-penalty"): no topology of \(space.name) with these sets is invalid, for the output joins all nodes and each has an edge
        Hint: add \(setting: "loose-ends") or \(setting: "predecessors") 0-2, or leave \(setting: "invalid-penalty") out.
        """
    }
    return operations.objection(to: space)
  }

  /// Whether a node without a successor is of no use.
  private func nodesDangle(in space: SearchSpace) -> Bool {
    joinsLooseEnds || space.output == .lastNode
  }

  /// The space of the method underneath, with marginals for the shares of its edges.
  public func prepare(_ space: SearchSpace) -> SearchSpace {
    precondition(
      !joinsLooseEnds || space.output == .concatenation,
      "the output of \(space.name) joins no nodes, so that it cannot join loose ends")
    let prepared = operations.prepare(space)
    return
      prepared
      .with(MarginalEdges(sizes, on: prepared.nodeForm, joinsLooseEnds: joinsLooseEnds))
      .with(StrongestSubsets(sizes, joinsLooseEnds: joinsLooseEnds))
  }

  /// The settings of the method underneath; its optimizer of alpha moves beta too.
  public func adapt(_ settings: inout SearchSettings) { operations.adapt(&settings) }

  /// The relaxation of the method underneath, with the marginals at the temperature of the epoch.
  public func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation {
    // Each kind of cells has one alpha and one beta; the alphas come first.
    let kinds = parameters.count / 2
    let noises = noise.map { noise in
      parameters.suffix(kinds).enumerated().map { kind, shape -> Tensor in
        guard pass != .evaluation else { return .zeros(shape) }
        var generator = noise.stream(pass.rawValue, moment.epoch, moment.step, kind)
        return Tensor((0..<shape.count).map { _ in generator.gumbel() }, shape: shape)
      }
    }
    return TopologyRelaxation(
      operations.relaxation(for: pass, at: moment, parameters: Array(parameters.prefix(kinds))),
      sizes: sizes, temperature: Scalar(temperature(at: moment)), noises: noises)
  }

  /// tau of the epoch.
  public func temperature(at moment: SearchMoment) -> Double {
    annealedTemperature(
      epoch: moment.epoch, of: moment.epochs, from: firstTemperature, to: lastTemperature)
  }

  /// The gradient of L + lambda R with respect to alpha and beta; the loss is L alone.
  ///
  /// Which of alpha with beta, and w, moves first is left to the method underneath.
  ///
  /// Equation: A-8 [reconstructed: medium]. alpha and beta are updated together by the architecture's optimizer: on L_val,
  /// bilevel, or as DOTS does on L_train, one-level; w on L_train.
  ///
  /// Explained in chapter 27.
  public func architectureGradient(_ step: ArchitectureStep<some Supernet>) -> BatchResult {
    let result = operations.architectureGradient(level == .oneLevel ? step.onTraining : step)
    guard let penalty else { return result }
    let (space, parameters) = (step.network.space, step.network.architectureParameters)
    let topology = CellTopology(space.edges, sizes: sizes)
    let nodesDangle = nodesDangle(in: space)
    var gradients = result.gradients
    for index in space.cells.count..<parameters.count {
      let tape = Tape()
      let beta = tape.variable(parameters[index].value)
      let term = penalty(
        beta, topology, temperature: Scalar(temperature(at: step.moment)), nodesDangle: nodesDangle)
      guard let term else { continue }
      gradients[index].add(
        tape.gradients(of: term, withRespectTo: [beta])[0], scaledBy: Scalar(penalty.weight))
    }
    return BatchResult(loss: result.loss, correct: result.correct, gradients: gradients)
  }

  /// How decided the nodes are at the temperature of the epoch, and in the last one what the rule of DARTS would derive.
  public func observations<Network: Supernet>(
    of network: Network, at moment: SearchMoment
  ) -> MethodObservations {
    let observed = ObservedTopology(
      network, sizes: sizes, temperature: Scalar(temperature(at: moment)))
    return MethodObservations(
      columns: observed.columns,
      notes: moment.epoch + 1 == moment.epochs ? observed.comparison(in: network) : [],
      records: observed.records(epoch: moment.epoch + 1))
  }
}

extension ArchitectureStep {
  /// The same step, with the batch on which the weights move in place of the validation batch.
  fileprivate var onTraining: ArchitectureStep {
    ArchitectureStep(
      network: network, validation: training(), training: training, relaxation: relaxation,
      moment: moment, settings: settings, weightOptimizer: weightOptimizer)
  }
}
