import Datasets
import Reports
import SearchMethods
import Tensors

/// A run that this process works on: its folder, which no other process may touch, and its checkpoints.
package final class RunInProgress {
  package let folder: RunFolder
  private let command: String
  private let output: any RunOutput
  private var checkpoints: Checkpoints
  private var pace: CheckpointPace
  private let convolution: ConvolutionAlgorithm

  /// Begins a run in a new folder; without a `path` it gets a free name like `usual`.
  package init<Plan: RunPlan>(
    beginning plan: Plan, at path: String?, usually usual: String, _ images: [ImageSet],
    _ pace: CheckpointPace, _ output: any RunOutput
  ) throws {
    output.willRun()
    folder =
      try path.map { path throws(RunFolderError) in try RunFolder(claiming: path) }
      ?? RunFolder(claimingFreePathLike: usual)
    (self.pace, command, self.output) = (pace, Plan.kind.rawValue, output)
    convolution = plan.convolution ?? .direct
    try folder.write(json: plan, to: "config.json")
    checkpoints = try Checkpoints(folder, plan, images)
  }

  /// Goes on with a run in a folder that this process has locked.
  package init<Plan: RunPlan>(
    resuming plan: Plan, in folder: RunFolder, _ images: [ImageSet], _ loop: some ResumableLoop,
    _ pace: CheckpointPace, _ output: any RunOutput
  ) throws {
    output.willRun()
    (self.folder, self.pace, command, self.output) = (folder, pace, Plan.kind.rawValue, output)
    convolution = plan.convolution ?? .direct
    checkpoints = try Checkpoints(folder, plan, images)
    try checkpoints.restore(loop) { output.error($0) }
    output.progress("resume   \(folder.path) from \(loop.progress)")
  }

  /// Saves if it is due; if the user wants to stop, saves and ends the run by an error.
  package func keep(_ loop: some ResumableLoop, isLast: Bool) throws {
    // Otherwise a lost lock would be noticed only when the next file is written.
    try folder.checkOwnership()
    let (progress, stops) = (loop.progress, output.wantsStop)
    if progress != checkpoints.saved, pace.isDue(at: progress) || stops {
      try checkpoints.save(loop.state)
    }
    if stops && !isLast {
      throw RunInterruption(progress: progress, command: command, folder: folder.path)
    }
  }

  /// Does the work of the run, which is saved before its first step; a failure is recorded in the folder.
  ///
  /// A run that has its summary is finished, whatever fails after that.
  package func work(_ loop: some ResumableLoop, _ body: () throws -> Void) throws {
    do {
      try folder.remove(RunFailure.file)
      if checkpoints.saved == nil { try checkpoints.save(loop.state) }
      try ConvolutionAlgorithm.$current.withValue(convolution, operation: body)
    } catch let stop as RunInterruption { throw stop } catch {
      if folder.has("summary.json") { throw error }
      throw RunFailure(error, folder, checkpoints).recorded
    }
  }
}
