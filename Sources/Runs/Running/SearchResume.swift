import Messages
import Reports
import SearchMethods
import Settings

/// A search that is to go on.
package struct SearchResume {
  private let folder: RunFolder
  /// The plan of the run.
  private let plan: SearchPlan
  private let output: any RunOutput

  /// Reads the configuration of the run, which no choice may contradict; `beginnings` are choices that only a new run
  /// can have.
  package init(
    _ path: String, _ chosen: SettingValues, not beginnings: [String], _ output: any RunOutput
  ) throws {
    let found = try RunFolder(opening: path)
    // What is finished is only read; anything else is read when no other process can change it.
    folder = found.has("summary.json") ? found : try found.locked()
    plan = try SearchPlan(of: folder)
    self.output = output
    try plan.checkAgreement(chosen, not: beginnings, run: path)
  }

  /// Goes on with the search, or tells that there is nothing left to do.
  package func run(images place: String?, benchmark file: String?, _ pace: CheckpointPace) throws {
    if folder.has("summary.json") { return try tellFinished() }
    if let warning = plan.buildWarning { output.error(warning) }
    let start = try SearchStart(resuming: plan, images: place, benchmark: file, output)
    try start.withRun { try $0.resume(in: folder, pace) }
  }

  private func tellFinished() throws {
    let units = try RunHistory.units(of: folder, plan)
    try output.result(
      """
      finished  \(counted(units.count, "epoch")); nothing is left to do
      genotype  \(verbatim: printable(units.last?.genotype ?? ""))
      run       \(folder.path)
      """)
  }
}
