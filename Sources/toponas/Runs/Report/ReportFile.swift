import Reports

/// The page that a run leaves in its folder.
enum ReportFile {
  /// Its name.
  static let name = "report.html"

  /// Writes what `page` makes, and returns the path; nil if that fails, for without it a run is as good.
  ///
  /// Throws if the folder is no longer that of the run.
  static func write(
    to folder: RunFolder, _ console: Console, _ page: () throws -> String
  ) throws -> String? {
    do {
      try folder.write(page(), to: name)
      return "\(folder.path)/\(name)"
    } catch {
      try folder.checkOwnership()
      console.error("warning: no report: \(error)")
      return nil
    }
  }
}
