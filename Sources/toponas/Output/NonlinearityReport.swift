import Reports
import Runs
import SearchSpaces
import Tensors
import TopologicalSimplification

/// The measured operations of a space, and how they are shown.
struct NonlinearityReport {
  /// A candidate with what is known of it.
  struct Operation {
    let primitive: Primitive
    let path: Path
    let linearity: LinearityClass
    let obstacle: (index: Int, module: ModuleSpec)?
    let measured: MeasuredNonlinearity
  }

  /// Two candidates whose kernels can be merged.
  struct Pair {
    let first: Primitive
    let second: Primitive
    /// In evaluation mode that where all batch norms have the same statistics.
    let mixingError: Double
    /// In evaluation mode the error where each batch norm has statistics of its own; nil in training.
    let ownStatisticsError: Double?
  }

  let edge: SearchedEdge
  let shape: Shape
  let mode: NormalizationMode
  let seed: Int
  let operations: [Operation]
  let pairs: [Pair]

  init(_ edge: SearchedEdge, channels: Int, _ mode: NormalizationMode, seed: Int) {
    let shape: Shape = [8, 16, 16, channels]
    let generator = RandomGenerator(seed: UInt64(seed))
    let candidates = edge.candidates
    operations = candidates.map { primitive, path in
      Operation(
        primitive: primitive, path: path, linearity: linearity(of: path, in: mode),
        obstacle: firstObstacle(in: path, mode),
        measured: measuredNonlinearity(of: path, shape, mode, seed: generator))
    }
    pairs = candidates.indices.flatMap { i in
      candidates[(i + 1)...].compactMap { other in
        let error = { (statistics: MixingStatistics) in
          mixingError(of: candidates[i].path, other.path, shape, statistics, seed: generator)
        }
        return error(mode == .training ? .ofTheBatch : .shared).map {
          Pair(
            first: candidates[i].primitive, second: other.primitive, mixingError: $0,
            ownStatisticsError: mode == .training ? nil : error(.own))
        }
      }
    }
    (self.edge, self.shape, self.mode, self.seed) = (edge, shape, mode, seed)
  }

  var nonlinearCount: Int { operations.count { $0.linearity == .nonlinear } }

  /// The mean of a measured value over all operations.
  func mean(_ value: KeyPath<MeasuredNonlinearity, Double>) -> Double {
    operations.reduce(0) { $0 + $1.measured[keyPath: value] } / Double(operations.count)
  }

  var modeName: String { mode == .training ? "training" : "evaluation" }

  // MARK: Text

  var text: String {
    """
    \(edge.space.name), stride \(edge.stride): \(conditions)

    \(operationTable.text)

    mixing error: kernels merged up front, the rest applied once\(condition)
    \(pairTable.text)

    space: \(nonlinearCount) of \(operations.count) operations are non-linear \
    (\(percent(Double(nonlinearCount) / Double(operations.count)))); mean additivity \
    \(decimals(mean(\.additivity), 3)), mean homogeneity \(decimals(mean(\.homogeneity), 3))
    """
  }

  private var conditions: String {
    """
    maps of \(shape.images) x \(shape.height) x \(shape.width) x \(shape.channels), batch norm in \
    \(modeName) mode, seed \(seed)
    """
  }

  /// When a merge is exact in evaluation mode.
  private var condition: String {
    guard mode == .evaluation else { return "" }
    return """
      ; for operations of one stage
      it is 0 if all batch norms have the same running statistics, or if each is folded into its kernel first (TS-8)
      """
  }

  private var operationTable: TextTable {
    var table = TextTable(
      head: [
        "operation", "modules", "class", "first obstacle", "additivity", "homogeneity", "affinity",
      ], numeric: [4, 5, 6])
    table.rows = operations.map { operation in
      let measured = [
        operation.measured.additivity, operation.measured.homogeneity, operation.measured.affinity,
      ]
      return [
        operation.primitive.rawValue,
        operation.path.modules.map(\.signature).joined(separator: ", "),
        operation.linearity.description,
        operation.obstacle.map { "\($0.module.signature), module \($0.index + 1)" } ?? "none",
      ] + measured.map { decimals($0, 3) }
    }
    return table
  }

  private var pairTable: TextTable {
    let errors = mode == .training ? ["error"] : ["same statistics", "statistics of its own"]
    var table = TextTable(head: ["operations"] + errors, numeric: [1, 2])
    table.rows = pairs.map { pair in
      ["\(pair.first.rawValue) + \(pair.second.rawValue)", decimals(pair.mixingError, 3)]
        + [pair.ownStatisticsError].compactMap { $0 }.map { decimals($0, 3) }
    }
    return table
  }

  // MARK: Picture

  var chart: BarChart {
    BarChart(
      "\(edge.space.name)\(edge.stride == 1 ? "" : ", stride \(edge.stride)"): distance from linear",
      caption: conditions,
      series: [
        "additivity |f(x+y) - f(x) - f(y)| / |f(x+y)|", "homogeneity |f(cx) - c f(x)| / |f(cx)|",
      ],
      rows: operations.map { operation in
        BarChart.Row(
          operation.primitive.rawValue,
          [operation.measured.additivity, operation.measured.homogeneity].map {
            (value: $0, text: decimals($0, 2))
          })
      })
  }
}
