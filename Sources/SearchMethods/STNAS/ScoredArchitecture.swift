import Messages
import SearchSpaces

/// An architecture that an evolution has measured: what it costs, and its accuracy with each weight sample.
///
/// The accuracies are kept one by one, so that its score under fewer samples can be told afterwards.
public struct ScoredArchitecture: Hashable, Sendable {
  /// The unit of the search that measured it, counted from 1.
  public let unit: Int
  /// The architecture, as text.
  public let genotype: String
  /// What the network costs in which it is trained from scratch, for one image.
  public let cost: NetworkCost
  /// Acc_val(a, w_m) of each sample, shares in [0, 1]; one at least.
  public let accuracies: [Double]

  /// Creates a measured architecture.
  public init(unit: Int, genotype: String, cost: NetworkCost, accuracies: [Double]) {
    precondition(!accuracies.isEmpty, "an architecture is measured with one weight sample at least")
    (self.unit, self.genotype) = (unit, genotype)
    (self.cost, self.accuracies) = (cost, accuracies)
  }

  /// M: by how many samples it was measured.
  public var samples: Int { accuracies.count }

  /// Its score by all samples, C-2.
  public var score: Double { sharedScore(accuracies) }

  /// Its score by the first `samples` of them, 1 to M.
  public func score(samples: Int) -> Double {
    precondition(
      1...accuracies.count ~= samples,
      "expected 1 to \(accuracies.count) samples, found \(samples)")
    return sharedScore(Array(accuracies.prefix(samples)))
  }
}

// MARK: - As a table

extension ScoredArchitecture {
  /// The name of the table of all that a search has measured, in the order in which it did.
  public static let tableName = "candidates"

  private static func columns(samples: Int) -> [String] {
    ["epoch", "macs", "parameters"] + (1...samples).map { "accuracy\($0)" } + ["genotype"]
  }

  /// A row: the text of the genotype comes last, in quotation marks.
  private var row: [String] {
    let text = genotype.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"")
    return ["\(unit)", "\(cost.macs)", "\(cost.parameters)"] + accuracies.map { "\($0)" }
      + ["\"\(text)\""]
  }

  /// The rows that a unit adds to the table; with them it has `total`.
  static func record(_ measured: [Self], samples: Int, total: Int) -> UnitRecord {
    UnitRecord(
      tableName, columns: columns(samples: samples), rows: measured.map(\.row), total: total)
  }

  /// Reads the text of a table, as `candidates.csv` in the folder of a run has it.
  ///
  /// - Returns: the architectures in their order; the number of samples is that of the head.
  public static func table(_ text: String) throws(TableError) -> [Self] {
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    let head = lines.first.flatMap(CommaSeparatedRows.fields) ?? []
    guard head.count > 4, head == columns(samples: head.count - 4) else {
      throw TableError(line: 1, expected: "epoch,macs,parameters,accuracy1,...,genotype")
    }
    var measured: [Self] = []
    for (index, line) in lines.enumerated().dropFirst() {
      guard let architecture = Self(line, samples: head.count - 4) else {
        throw TableError(
          line: index + 1,
          expected: "three whole numbers, \(head.count - 4) shares from 0 to 1, and a genotype")
      }
      measured.append(architecture)
    }
    return measured
  }

  private init?(_ line: String, samples: Int) {
    guard let fields = CommaSeparatedRows.fields(of: line), fields.count == samples + 4,
      let unit = Int(fields[0]), let macs = Int(fields[1]), let parameters = Int(fields[2]),
      unit > 0, macs >= 0, parameters >= 0
    else { return nil }
    let shares = fields[3..<3 + samples].compactMap { Double($0) }.filter { 0...1 ~= $0 }
    guard shares.count == samples else { return nil }
    self.init(
      unit: unit, genotype: fields[samples + 3],
      cost: NetworkCost(macs: macs, parameters: parameters), accuracies: shares)
  }

  /// Why a table cannot be read.
  public struct TableError: UserError, Equatable {
    /// The line that is wrong, counted from 1.
    public let line: Int
    /// What stands there in a table.
    public let expected: String

    /// The code with which a program ends that reports it.
    public var exitCode: ExitCode { .badData }

    /// The message for the user.
    public var message: Message { "line \(line) of a table of scores: expected \(expected)" }
  }
}
