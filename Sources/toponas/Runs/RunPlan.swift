import CommandLineParsing
import Datasets
import Files
import Messages
import Reports
import Tensors

/// Everything that determines a run, as its `config.json` holds it.
protocol RunPlan: Codable {
  /// What is found of images.
  associatedtype Images
  /// The command that makes such runs.
  static var command: CommandSpec { get }
  /// Every key that such a plan can have.
  static var allKeys: Set<String> { get }
  /// The words that a text can be, by its key.
  static var words: [String: [String]] { get }
  /// Where the images are; nil is synthetic images.
  var data: String? { get }
  /// What the network is built for.
  var imageForm: ImageForm { get }
  /// The program that began the run, and what its kernels were built for.
  var version: String { get }
  var build: String { get }
  /// Reads the options of a command line over another plan.
  static func read(_ options: ParsedOptions, over plan: Self) throws -> Self
  /// Throws if the values do not fit each other, or an option.
  func check() throws(SearchConfigError.Problem)
  /// Finds the images, which are at `data` now.
  func findImages(at data: String?) throws(DatasetError) -> Images
}

extension RunPlan {
  /// Reads what a run folder holds as `config.json`.
  init(of folder: RunFolder) throws(SearchConfigError) {
    let path = "\(folder.path)/config.json"
    try self.init(Result { () throws(FileError) in try InputFile(own: path) }, path)
  }

  /// Reads such a file, or a pipe, that the user named.
  init(config file: String) throws(SearchConfigError) {
    try self.init(Result { () throws(FileError) in try InputFile(named: file) }, file)
  }

  private init(
    _ file: Result<InputFile, FileError>, _ path: String
  ) throws(SearchConfigError) {
    let text: String
    do { text = try file.get().text() } catch {
      throw SearchConfigError(
        path, error == .notText ? .notText : .unreadable(reason: "\(error)"))
    }
    try self.init(configText: text, file: path)
  }

  /// Reads the text of such a file; `file` is only for messages.
  ///
  /// Strict: every key must be known, and every number in the range of its option.
  init(configText text: String, file: String) throws(SearchConfigError) {
    do throws(SearchConfigError.Problem) {
      let leaves: JSONLeaves
      do { leaves = try JSONLeaves(text) } catch {
        throw .values(reason: SearchConfigError.reason(error))
      }
      if let kind = RunKind(leaves), kind.rawValue != Self.command.name {
        throw SearchConfigError.Problem.otherKind(kind, expected: Self.command.name)
      }
      let unknown = Self.unknownKeys(leaves)
      guard unknown.isEmpty else { throw SearchConfigError.Problem.unknownKeys(unknown) }
      try Self.checkWords(leaves)
      do { self = try JSONText.decode(from: text) } catch let error as DecodingError {
        throw .values(reason: SearchConfigError.reason(error, leaves))
      } catch { throw .values(reason: SearchConfigError.reason(error)) }
      try check()
    } catch { throw SearchConfigError(file, error) }
  }

  /// The keys that no plan has, each with the nearest one that a plan has.
  private static func unknownKeys(_ found: JSONLeaves) -> [SearchConfigError.UnknownKey] {
    let known = allKeys
    return found.values.keys.filter { !known.contains($0) }.sorted().map {
      ($0, nearest(to: $0, among: known.sorted()))
    }.map(SearchConfigError.UnknownKey.init)
  }

  /// Throws if a text is none of the words that it can be.
  private static func checkWords(_ found: JSONLeaves) throws(SearchConfigError.Problem) {
    for (key, words) in words.sorted(by: { $0.key < $1.key }) {
      guard let text = found.values[key], !words.contains(text) else { continue }
      throw .values(
        reason: "\(key): expected one of \(words.joined(separator: ", ")), found '\(shown(text))'")
    }
  }

  /// Throws if a number is not in the range of the option of its name.
  static func checkRanges(
    of numbers: [(option: String, number: Double)]
  ) throws(SearchConfigError.Problem) {
    for (name, number) in numbers {
      guard let option = command.options.first(where: { $0.name == name }),
        !option.value.allows(number)
      else { continue }
      let found = Int(exactly: number).map { "\($0)" } ?? "\(number)"
      throw .values(reason: "\(name): expected \(option.expectation), found \(found)")
    }
  }

  /// Throws if an option would make another plan of it; where the images are is no matter of the plan.
  func checkAgreement(_ options: ParsedOptions, run: String) throws {
    let same = try JSONText.line(Self.read(options.only([]), over: self))
    let contradicting = Self.command.options.map(\.name).filter { name in
      guard options.isGiven(name), name != "data" else { return false }
      if ["out", "config", "dry-run"].contains(name) { return true }
      guard let other = try? Self.read(options.only([name]), over: self) else { return true }
      return (try? JSONText.line(other)) != same
    }
    guard contradicting.isEmpty else {
      let hasConfig = Self.command.options.contains { $0.name == "config" }
      throw RunContradiction(options: contradicting, run: run, canBeginAnew: hasConfig)
    }
  }

  /// What to tell who goes on with the run in another build of the program; nil in the same one.
  var buildWarning: Message? {
    guard build != kernelBuild || version != Toponas.version else { return nil }
    return "warning: the run began with \(version) (\(build)), this is \(Toponas.version) "
      + "(\(kernelBuild)): the last bits may differ"
  }
}

extension RunPlan {
  /// All words that stand for a value of a type.
  static func all<Word: CaseIterable & RawRepresentable>(_: Word.Type) -> [String]
  where Word.RawValue == String { Word.allCases.map(\.rawValue) }
}

extension OptionSpec.Value {
  /// Whether a number is in the range; a text has none.
  fileprivate func allows(_ number: Double) -> Bool {
    switch self {
    case .integer(let range): Double(range.lowerBound)...Double(range.upperBound) ~= number
    case .number(let range): range.contains(number)
    default: true
    }
  }
}

/// Options would change a run that was begun.
struct RunContradiction: UserError, Equatable {
  let options: [String]
  let run: String
  /// Whether the command takes `--config`.
  let canBeginAnew: Bool

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    """
    \(options.map { "--\($0)" }.joined(separator: ", ")): \
    \(options.count == 1 ? "differs" : "differ") from the run at \(run), which goes on as it began
    Hint: leave that out\
    \(verbatim: canBeginAnew ? "; --config \(shellWord("\(run)/config.json")) begins a new run with changes" : "").
    """
  }
}
