import Datasets
import Files
import Messages
import Reports
import Settings
import Tensors

/// Everything that determines a run, as its `config.json` holds it.
package protocol RunPlan: Codable {
  /// What is found of images.
  associatedtype Images
  /// Which command makes such runs.
  static var kind: RunKind { get }
  /// Everything that can be chosen of such a run.
  static var settings: [PlanSetting<Self>] { get }
  /// Every key that such a plan can have.
  static var allKeys: Set<String> { get }
  /// The words that a text can be, by its key.
  static var words: [String: [String]] { get }
  /// Where the images are; nil is synthetic images.
  var data: String? { get }
  /// What the network is built for.
  var imageForm: ImageForm { get }
  /// How dense convolutions are computed; nil is directly.
  var convolution: ConvolutionAlgorithm? { get }
  /// The program that began the run, and what its kernels were built for.
  var version: String { get }
  var build: String { get }
  /// The plan with what was chosen in the place of its own values.
  func with(_ chosen: SettingValues) throws -> Self
  /// Throws if the values do not fit each other, each of which is in its range.
  func checkWhole() throws
  /// Throws if a configuration has values that no choice could lead to.
  func check() throws(SearchConfigError.Problem)
  /// Finds the images, which are at `data` now.
  func findImages(at data: String?) throws(DatasetError) -> Images
}

extension RunPlan {
  /// Reads what a run folder holds as `config.json`.
  package init(of folder: RunFolder) throws(SearchConfigError) {
    let path = "\(folder.path)/config.json"
    try self.init(Result { () throws(FileError) in try InputFile(own: path) }, path)
  }

  /// Reads such a file, or a pipe, that the user named.
  package init(config file: String) throws(SearchConfigError) {
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
  package init(configText text: String, file: String) throws(SearchConfigError) {
    do throws(SearchConfigError.Problem) {
      let leaves: JSONLeaves
      do { leaves = try JSONLeaves(text) } catch {
        throw .values(reason: SearchConfigError.reason(error))
      }
      if let kind = RunKind(leaves), kind != Self.kind {
        throw SearchConfigError.Problem.otherKind(kind, expected: Self.kind.rawValue)
      }
      let unknown = Self.unknownKeys(leaves)
      guard unknown.isEmpty else { throw SearchConfigError.Problem.unknownKeys(unknown) }
      try Self.checkWords(leaves)
      do { self = try JSONText.decode(from: text) } catch let error as DecodingError {
        throw .values(reason: SearchConfigError.reason(error, leaves))
      } catch { throw .values(reason: SearchConfigError.reason(error)) }
      try checkRanges()
      try check()
      do { try checkWhole() } catch let error as any UserError {
        throw .values(reason: error.message.lines[0].text)
      } catch { throw .values(reason: "\(error)") }
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

  /// Throws if a value is none that its setting takes.
  private func checkRanges() throws(SearchConfigError.Problem) {
    for item in Self.settings {
      let (setting, value) = (item.setting, item.value(self))
      guard let value, !setting.values.contain(value) else { continue }
      throw .values(
        reason: "\(setting.name): expected \(setting.values.expectation), found \(value)")
    }
  }

  /// Throws if a choice would make another plan of it; where the images are is no matter of the plan.
  ///
  /// `others` are the names of choices that a run cannot have once it is begun.
  package func checkAgreement(
    _ chosen: SettingValues, not others: [String], run: String
  ) throws(RunContradiction) {
    let same = try? JSONText.line(with(SettingValues()))
    let contradicting = Self.settings.map(\.setting.name).filter { name in
      guard chosen[name] != nil, name != "data" else { return false }
      return (try? JSONText.line(with(chosen.only([name])))) != same
    }
    guard contradicting.isEmpty, others.isEmpty else {
      throw RunContradiction(
        names: contradicting + others, run: run, canBeginAnew: Self.kind == .search)
    }
  }

  /// The settings of the plan by their paths, without those that only say which program ran.
  package var leaves: [String: String] {
    let leaves = (try? JSONLeaves(JSONText.line(self)))?.values ?? [:]
    return leaves.filter { !["version", "build"].contains($0.key) }
  }

  /// The warning for a user who resumes the run with another build of the program; nil with the same build.
  package var buildWarning: Message? {
    guard build != kernelBuild || version != programVersion else { return nil }
    return "warning: the run began with \(version) (\(build)), this is \(programVersion) "
      + "(\(kernelBuild)): the last bits may differ"
  }
}

extension RunPlan {
  /// Runs `body` with dense convolutions as the plan has them.
  package func withConvolution<Result>(_ body: () throws -> Result) rethrows -> Result {
    try ConvolutionAlgorithm.$current.withValue(convolution ?? .direct, operation: body)
  }

  /// All words that stand for a value of a type.
  package static func all<Word: CaseIterable & RawRepresentable>(_: Word.Type) -> [String]
  where Word.RawValue == String { Word.allCases.map(\.rawValue) }
}

/// Choices would change a run that was begun.
package struct RunContradiction: UserError, Equatable {
  package let names: [String]
  package let run: String
  /// Whether a new run can start from the configuration of another.
  package let canBeginAnew: Bool

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    """
    \(names.map { "\(setting: $0)" as Message }.joined(separator: ", ")): \
    \(names.count == 1 ? "differs" : "differ") from the run at \(run), which can only continue as it began
    Hint: leave that out\
    \(canBeginAnew ? "; \(setting: "config") \(verbatim: shellWord("\(run)/config.json")) begins a new run with changes" : "" as Message).
    """
  }
}
