import Files
import Foundation
import Messages
import Reports
import SearchSpaces
import Settings

/// A genotype as a command line gives it: the text itself or a name, or a file or run folder that holds it.
package struct GenotypeInput {
  /// The genotype itself.
  package let genotype: any SpaceGenotype

  /// What can be one.
  package static let kinds = {
    let all = list(SpaceEntry.all.map(\.words.genotype), "or")
    return all.prefix(1).uppercased() + all.dropFirst()
  }()

  /// The setting that names one.
  package static func setting(
    _ name: String = "genotype", of what: String = kinds
  ) -> Setting {
    Setting(
      name, .text(placeholder: "TEXT|FILE|RUN"),
      help:
        "\(what): as text, by its name, in a file, or in the folder of a run (RUN@12 is a search after epoch 12)."
    )
  }

  /// Reads `argument`; if a file has this name, what it holds; if a folder has it, its `genotype.json`, or that of
  /// the epoch of a search that it names.
  ///
  /// `label` is what the argument is called on the command line. Of several genotypes in one text the last is taken,
  /// and of a search that has not ended that of its last epoch; `remark` receives a message that says so.
  package init(
    _ argument: String, label: Message = "\(setting: "genotype")", remark: (Message) -> Void
  ) throws(GenotypeInputError) {
    if let run = RunGenotype(argument) {
      let found: (text: String, place: String)
      do { found = try run.read(remark: remark) } catch { throw .noGenotypeOfRun(error) }
      self = try Self(content: found.text, file: found.place, label: label, remark: remark)
      return
    }
    // A file of a run is a regular one; what the user names may be a pipe.
    if isFolder(argument) {
      let path = "\(argument)/genotype.json"
      try self.init(
        Result { () throws(FileError) in try InputFile(own: path) }, path, label, remark)
    } else if exists(argument) || Self.looksLikePath(argument) {
      try self.init(
        Result { () throws(FileError) in try InputFile(named: argument) }, argument, label, remark)
    } else {
      try self.init(content: argument, file: nil, label: label, remark: remark)
    }
  }

  private init(
    _ file: Result<InputFile, FileError>, _ path: String, _ label: Message,
    _ remark: (Message) -> Void
  ) throws(GenotypeInputError) {
    let content: String
    do { content = try file.get().text() } catch { throw .unreadable(path, reason: "\(error)") }
    try self.init(content: content, file: path, label: label, remark: remark)
  }

  /// Reads what a file holds, or a text of no file.
  package init(
    content: String, file: String?, label: Message = "\(setting: "genotype")",
    remark: (Message) -> Void
  ) throws(GenotypeInputError) {
    let place = file.map { "\($0)" as Message } ?? label
    do {
      let text = try GenotypeText(content)
      genotype = text.last.genotype
      guard text.entries.count > 1 else { return }
      let (line, column) = text.position(of: text.last)
      remark(
        """
        note: \(place): \(grouped(text.entries.count)) genotypes are there; taken is the last, from line \(line), \
        column \(column)
        """)
    } catch {
      throw .notAGenotype(error, place: place, isFile: file != nil)
    }
  }

  /// Reads the text of a genotype of any space.
  package init(parsing text: String) throws(GenotypeError) {
    genotype = try GenotypeText(text).last.genotype
  }

  /// Whether nobody can have meant a genotype, so that the file is missing.
  private static func looksLikePath(_ text: String) -> Bool {
    let endings = [".csv", ".json", ".log", ".md", ".py", ".txt", ".yaml", ".yml"]
    return !text.contains { "|([{".contains($0) }
      && (text.contains("/") || endings.contains(where: text.hasSuffix))
  }
}

/// Why there is no genotype.
package enum GenotypeInputError: UserError, Equatable {
  /// The file is there and cannot be read as text.
  case unreadable(String, reason: String)
  /// A run has none of this epoch.
  case noGenotypeOfRun(RunGenotypeError)
  /// The text is none.
  case notAGenotype(GenotypeError, place: Message, isFile: Bool)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode {
    switch self {
    case .unreadable: .noInput
    case .notAGenotype: .badData
    case .noGenotypeOfRun(let error): error.exitCode
    }
  }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .unreadable(let path, let reason):
      """
      cannot read \(path): \(reason)
      Hint: give a text file, or the genotype itself in quotation marks.
      """
    case .noGenotypeOfRun(let error): error.message
    case .notAGenotype(let error, let place, let isFile):
      """
      \(place): \(error)
      Hint: \(verbatim: Self.hint(error.form))\(isFile ? "" : "; no file of that name is there").
      """
    }
  }

  private static func hint(_ form: GenotypeError.Form) -> String {
    if case .space(let name) = form, let entry = SpaceEntry.named(name) { return entry.texts.hint }
    return SpaceEntry.all.map(\.texts.fullHint).joined(separator: "; ")
  }
}
