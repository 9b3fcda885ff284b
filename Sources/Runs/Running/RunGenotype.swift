import Files
import Foundation
import Messages
import Reports
import SearchMethods

/// The cell that a search had derived after one of its epochs: `RUN@12`, or `RUN` for the last one that is done.
///
/// The search may be finished, interrupted or running.
package struct RunGenotype {
  private let folder: RunFolder
  /// What stands after the `@`; nil is the last epoch.
  private let epoch: String?

  /// Reads an argument; nil if it names neither an epoch of a run nor a run without a `genotype.json`.
  package init?(_ argument: String) {
    if let at = argument.lastIndex(of: "@"), at > argument.startIndex,
      !exists(argument),
      let run = try? RunFolder(opening: String(argument[..<at]))
    {
      (folder, epoch) = (run, String(argument[argument.index(after: at)...]))
    } else if let run = try? RunFolder(opening: argument), !run.has("genotype.json") {
      (folder, epoch) = (run, nil)
    } else {
      return nil
    }
  }

  /// The text of the genotype, and the place where it stands; `remark` receives the epoch if the user named none.
  package func read(
    remark: (Message) -> Void
  ) throws(RunGenotypeError) -> (text: String, place: String) {
    folder.kind == .evaluate ? try trainedCell() : try derivedCell(remark)
  }

  private func derivedCell(
    _ remark: (Message) -> Void
  ) throws(RunGenotypeError) -> (text: String, place: String) {
    let name = RunHistory.metricsFile
    let lines: [String]
    do { lines = try folder.lines(of: name) } catch { throw .unreadable(error) }
    let wanted = epoch.map { Int($0) ?? 0 } ?? lines.count
    guard !lines.isEmpty, 1...lines.count ~= wanted else {
      throw .noEpoch(run: folder.path, wanted: epoch, done: lines.count)
    }
    let file = "\(folder.path)/\(name)"
    let report: any UnitReport.Type
    do { report = try SearchPlan(of: folder).method.entry.report } catch { throw .badConfig(error) }
    do {
      // With those before it: only so is a line known to be of this epoch.
      let epochs = try RunHistory.units(
        in: Array(lines.prefix(wanted)), file: file, as: report)
      if epoch == nil {
        remark(
          "note: \(folder.path): taken is the cell after epoch \(wanted), the last that is done")
      }
      return (epochs[wanted - 1].genotype, "\(file), line \(wanted)")
    } catch { throw .damaged(error) }
  }

  /// The genotype of `toponas evaluate`, which writes it into `genotype.json` only when the configuration is there.
  private func trainedCell() throws(RunGenotypeError) -> (text: String, place: String) {
    guard epoch == nil else { throw .hasOneCell(run: folder.path) }
    let file = "\(folder.path)/config.json"
    do { return (try EvaluationPlan(of: folder).genotype.text, file) } catch {
      throw .badConfig(error)
    }
  }
}

/// Why a run has no genotype of an epoch.
package enum RunGenotypeError: UserError, Equatable {
  /// The epoch is not one of those that are done.
  case noEpoch(run: String, wanted: String?, done: Int)
  /// The run is a training of `toponas evaluate`, whose cell is the same in all epochs.
  case hasOneCell(run: String)
  /// The records cannot be read.
  case unreadable(RunFolderError)
  /// The configuration is damaged.
  case badConfig(SearchConfigError)
  /// The records are not what a search writes.
  case damaged(RunHistoryError)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode {
    switch self {
    case .unreadable(let error): error.exitCode
    case .badConfig(let error): error.exitCode
    case .damaged: .badData
    default: .noInput
    }
  }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .noEpoch(let run, _, done: 0):
      """
      \(run): no epoch is done, so no cell is derived yet
      Hint: toponas runs shows how far a search is.
      """
    case .noEpoch(let run, let wanted, let done):
      """
      \(run): expected an epoch from 1 to \(done) after the @, found '\(wanted ?? "")'
      Hint: without @ it is the last epoch that is done.
      """
    case .hasOneCell(let run):
      """
      \(run): expected a search, found a training of toponas evaluate, which has one cell in all epochs
      Hint: leave the @ out.
      """
    case .unreadable(let error): error.message
    case .badConfig(let error): error.message
    case .damaged(let error): error.message
    }
  }
}
