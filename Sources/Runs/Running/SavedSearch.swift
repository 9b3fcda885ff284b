import Messages
import Reports
import SearchMethods
import SearchSpaces
import Settings

/// A search in a run folder, for programs of one's own: begun, stopped, continued, asked for what it found.
///
/// The folder is that of `toponas search`, and either may go on with what the other began.
public struct SavedSearch {
  /// The path of the folder.
  public let path: String

  /// Opens the folder of a search; throws if it is none.
  public init(opening path: String) throws {
    self.path = path
    _ = try SearchPlan(of: RunFolder(opening: path))
  }

  /// Begins a search in a new folder, and runs it until it ends or `output` wants it to stop.
  ///
  /// `settings` are what is chosen, by the names of the options of `toponas search`, without dashes; the rest is as usual.
  /// `path` is the folder to create; `output` hears of the search, and may stop it. Throws if a setting is wrong, if images
  /// or memory are missing, or if the folder cannot be written.
  public static func begin(
    _ settings: SettingValues, at path: String, _ output: any RunOutput = SilentOutput()
  ) throws -> SavedSearch {
    let start = try SearchStart(
      of: SearchPlan(settings), images: settings["data"]?.word, benchmark: nil, output)
    try untilStopped { try start.withRun { try $0.run(into: path, CheckpointPace()) } }
    return try SavedSearch(opening: path)
  }

  /// Goes on with the search until it ends or `output` wants it to stop; a finished one stays as it is.
  public func resume(_ output: any RunOutput = SilentOutput()) throws {
    let resume = try SearchResume(path, SettingValues(), not: [], output)
    try Self.untilStopped { try resume.run(images: nil, benchmark: nil, CheckpointPace()) }
  }

  /// A search that is stopped has saved its state, which is no failure.
  private static func untilStopped(_ body: () throws -> Void) throws {
    do { try body() } catch is RunInterruption {}
  }

  /// Whether nothing is left to do.
  public var isFinished: Bool {
    get throws { try RunFolder(opening: path).has("summary.json") }
  }

  /// What the search reported after each unit that is done.
  public var units: [any UnitReport] {
    get throws {
      let folder = try RunFolder(opening: path)
      return try RunHistory.units(of: folder, SearchPlan(of: folder))
    }
  }

  /// What the search would return now; nil if no unit is done.
  public var architecture: (any SpaceGenotype)? {
    get throws { try units.last.map { try GenotypeInput(parsing: $0.genotype).genotype } }
  }

  /// The page of the search, as HTML.
  public var report: String {
    get throws { RunReport([try ReportedRun(RunFolder(opening: path))]).html }
  }
}
