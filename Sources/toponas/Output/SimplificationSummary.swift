import Runs
import SearchSpaces
import TopologicalSimplification

/// A simplification as `toponas simplify --json` prints it.
struct SimplificationSummary: Encodable {
  let space: String
  let stride: Int
  let channels: Int
  let height: Int
  let width: Int
  let before: ModuleCounts
  let after: ModuleCounts
  let steps: [Step]
  let equations: [Equation]
  /// Where the paths before and after agree.
  let exact: String
  let treeBefore: String
  let treeAfter: String
  /// Files that were written.
  let files: [String]

  /// One rewrite.
  struct Step: Encodable {
    let rule: String
    let subject: String
    let operations: [String]
    let equations: [String]
    let exact: String
    let before: ModuleCounts
    let after: ModuleCounts
    let moduleRatio: Double
    let macRatio: Double
  }

  /// An equation that a step rests on.
  struct Equation: Encodable {
    let id: String
    let statement: String
    let provenance: String
  }

  init(_ result: SimplifiedEdge, files: [String]) {
    (space, stride) = (result.edge.space.name, result.edge.stride)
    let size = MapSize.reference
    (channels, height, width) = (size.channels, size.height, size.width)
    (before, after) = (ModuleCounts(result.before), ModuleCounts(result.finalCost))
    steps = result.steps.map { step in
      Step(
        rule: step.rule.name, subject: step.subject, operations: step.operations,
        equations: step.equations.map(\.id), exact: step.exactness.rawValue,
        before: ModuleCounts(step.before), after: ModuleCounts(step.after),
        moduleRatio: Double(step.after.modules) / Double(result.before.modules),
        macRatio: Double(step.after.macs) / Double(result.before.macs))
    }
    equations = result.allEquations.map {
      Equation(id: $0.id, statement: $0.statement, provenance: $0.provenance)
    }
    exact = result.exactness.rawValue
    (treeBefore, treeAfter) = (result.beforeTree, result.afterTree)
    self.files = files
  }
}

/// Modules by type, and what they cost.
struct ModuleCounts: Encodable {
  let relu: Int
  let depthwise: Int
  let pointwise: Int
  let dense: Int
  let batchNorm: Int
  let pool: Int
  let modules: Int
  let macs: Int
  let executedWeights: Int
  let trainableWeights: Int
  let activationBytes: Int

  init(_ cost: Cost) {
    (relu, depthwise, pointwise, dense) = (cost.relus, cost.depthwise, cost.pointwise, cost.dense)
    (batchNorm, pool, modules, macs) = (cost.batchNorms, cost.pools, cost.modules, cost.macs)
    (executedWeights, trainableWeights) = (cost.executedWeights, cost.trainableWeights)
    activationBytes = cost.activationBytes
  }
}
