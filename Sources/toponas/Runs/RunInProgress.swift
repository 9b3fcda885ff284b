import Datasets
import Reports
import SearchMethods

/// A run that this process works on: its folder, which no other process may touch, and its checkpoints.
final class RunInProgress {
  let folder: RunFolder
  private let lock: RunLock
  private let command: String
  private var checkpoints: Checkpoints
  private var pace: CheckpointPace

  /// Begins a run in a new folder.
  init<Plan: RunPlan>(
    beginning plan: Plan, at path: String, _ images: [ImageSet], _ loop: some ResumableLoop,
    _ pace: CheckpointPace
  ) throws {
    Interruption.watch()
    folder = try RunFolder(creating: path)
    lock = try RunLock(folder)
    command = Plan.command.name
    self.pace = pace
    try folder.write(json: plan, to: "config.json")
    checkpoints = try Checkpoints(folder, plan, images)
    try checkpoints.save(loop.state)
  }

  /// Goes on with a run in a folder whose lock this process has.
  init<Plan: RunPlan>(
    resuming plan: Plan, in folder: RunFolder, _ lock: RunLock, _ images: [ImageSet],
    _ loop: some ResumableLoop, _ pace: CheckpointPace, _ console: Console
  ) throws {
    Interruption.watch()
    (self.folder, self.lock, self.pace, command) = (folder, lock, pace, Plan.command.name)
    checkpoints = try Checkpoints(folder, plan, images)
    try checkpoints.restore(loop) { console.error($0) }
    try folder.remove(RunFailure.file)
    console.progress("resume   \(folder.path) from \(loop.progress)")
  }

  /// Saves if it is due; if the user wants to stop, saves and ends the run by an error.
  func keep(_ loop: some ResumableLoop, isLast: Bool) throws {
    let (progress, stops) = (loop.progress, Interruption.isRequested)
    if progress != checkpoints.saved, pace.isDue(at: progress) || stops {
      try checkpoints.save(loop.state)
    }
    if stops && !isLast {
      throw RunInterruption(progress: progress, command: command, folder: folder.path)
    }
  }

  /// Does the work of the run; a failure is recorded in the folder.
  func work(_ body: () throws -> Void) throws {
    do { try body() } catch let stop as RunInterruption { throw stop } catch {
      throw RunFailure(error, folder, checkpoints).recorded
    }
  }
}
