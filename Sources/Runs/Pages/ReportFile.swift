import Reports

/// The page that a run leaves in its folder.
package enum ReportFile {
  /// The name of the file.
  package static let name = "report.html"

  /// Writes what `page` makes, and returns the path; nil if that fails, for without it a run is as good.
  ///
  /// Throws if the folder is no longer that of the run.
  package static func write(
    to folder: RunFolder, _ output: any RunOutput, _ page: () throws -> String
  ) throws -> String? {
    do {
      try folder.write(page(), to: name)
      return "\(folder.path)/\(name)"
    } catch {
      try folder.checkOwnership()
      output.error("warning: no report: \(error)")
      return nil
    }
  }
}
