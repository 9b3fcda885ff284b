import CommandLineParsing
import Files
import Foundation
import Messages
import SearchSpaces

/// A genotype as a command line gives it: the text itself, or a file or run folder that holds it.
enum GenotypeInput {
  case nasBench201(NASBench201Genotype)
  case darts(DARTSGenotype)

  /// The option that names one, or the operand of that name.
  static func option(
    _ name: String = "genotype", of what: String = "A cell of NAS-Bench-201 or the cells of DARTS",
    placeholder: String = "TEXT|FILE|RUN", isRequired: Bool = false
  ) -> OptionSpec {
    OptionSpec(
      name, .text(placeholder: placeholder),
      help:
        "\(what): as text, in a file, or in the folder of a run (RUN@12 is a search after epoch 12).",
      isRequired: isRequired,
      paths: .files)
  }

  /// Reads `argument`; if a file has this name, what it holds; if a folder has it, its `genotype.json`, or that of
  /// the epoch of a search that it names.
  ///
  /// A file holds the text, or, as `genotype.json` of a run, a JSON object with it under a single key. `label` is
  /// what the argument is called on the command line.
  init(_ argument: String, label: String = "--genotype") throws(GenotypeInputError) {
    if let run = RunGenotype(argument) {
      let found: (text: String, place: String)
      do { found = try run.read() } catch { throw .noGenotypeOfRun(error) }
      self = try Self(content: found.text, file: found.place, label: label)
      return
    }
    // A file of a run is a regular one; what the user names may be a pipe.
    if isFolder(argument) {
      let path = "\(argument)/genotype.json"
      try self.init(Result { () throws(FileError) in try InputFile(own: path) }, path, label)
    } else if exists(argument) || Self.looksLikePath(argument) {
      try self.init(
        Result { () throws(FileError) in try InputFile(named: argument) }, argument, label)
    } else {
      try self.init(content: argument, file: nil, label: label)
    }
  }

  private init(
    _ file: Result<InputFile, FileError>, _ path: String, _ label: String
  ) throws(GenotypeInputError) {
    let content: String
    do { content = try file.get().text() } catch { throw .unreadable(path, reason: "\(error)") }
    try self.init(content: content, file: path, label: label)
  }

  /// Reads what a file holds, or a text of no file; only the first can be JSON.
  init(
    content: String, file: String?, label: String = "--genotype"
  ) throws(GenotypeInputError) {
    let trimmed = content.trimmingCharacters(in: .whitespacesAndNewlines)
    var text = trimmed
    if let file, trimmed.hasPrefix("{") { text = try Self.value(trimmed, file) }
    do { self = try Self(parsing: text) } catch {
      throw .notAGenotype(error, place: file ?? label, isFile: file != nil)
    }
  }

  /// The genotype itself.
  var genotype: any SizedArchitecture {
    switch self {
    case .nasBench201(let genotype): genotype
    case .darts(let genotype): genotype
    }
  }

  /// Reads the text of a genotype of either space.
  init(parsing text: String) throws(GenotypeError) {
    self =
      text.hasPrefix("G")
      ? .darts(try DARTSGenotype(parsing: text))
      : .nasBench201(try NASBench201Genotype(parsing: text))
  }

  /// Whether nobody can have meant a genotype, so that the file is missing.
  private static func looksLikePath(_ text: String) -> Bool {
    !text.contains { "|(".contains($0) } && (text.contains("/") || text.hasSuffix(".json"))
  }

  private static func value(_ json: String, _ path: String) throws(GenotypeInputError) -> String {
    let object = try? JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    guard let object, object.count == 1, let text = object.values.first else {
      throw .notOneKey(path)
    }
    return text
  }
}

/// Why there is no genotype.
enum GenotypeInputError: UserError, Equatable {
  /// The file is there and cannot be read as text.
  case unreadable(String, reason: String)
  /// A JSON file of another form.
  case notOneKey(String)
  /// A run has none of this epoch.
  case noGenotypeOfRun(RunGenotypeError)
  /// The text is none.
  case notAGenotype(GenotypeError, place: String, isFile: Bool)

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .unreadable(let path, let reason):
      """
      cannot read \(path): \(reason)
      Hint: give a text file, or the genotype itself in quotation marks.
      """
    case .notOneKey(let path):
      """
      \(path) is no JSON object with a single key whose value is a genotype
      Hint: the genotype.json of a run is one: {"nasbench201": "|none~0|+..."}.
      """
    case .noGenotypeOfRun(let error): error.message
    case .notAGenotype(let error, let place, let isFile):
      """
      \(place): \(error)
      Hint: a cell of NAS-Bench-201 is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, cells of DARTS are \
      Genotype(normal=[...], ...)\(isFile ? "" : "; no file of that name is there").
      """
    }
  }
}
