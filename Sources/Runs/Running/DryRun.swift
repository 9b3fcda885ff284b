import Reports

/// A run that is only told, and leaves nothing: where it would be, and how long it would take.
package struct DryRun {
  private let folder: String

  /// Throws if no run could begin at `path`; nil is a free name like `usual`.
  package init(at path: String?, usually usual: String) throws(RunFolderError) {
    folder = path ?? RunFolder.freePath(usual)
    guard RunFolder.isFree(folder) else { throw .exists(folder) }
  }

  /// Prints the plan.
  package func tell(_ announcement: String, time: String, _ output: any RunOutput) throws {
    try output.result(
      """
      \(verbatim: announcement)
      time     \(verbatim: time)
      run      \(folder) would be its folder; nothing was written
      """)
  }
}
