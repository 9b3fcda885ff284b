import CommandLineParsing
import Foundation
import Reports

extension SearchPlan {
  /// Reads what a run folder holds as `config.json`.
  ///
  /// Strict: every key must be known, and every number in the range of its option.
  init(config file: String) throws(SearchConfigError) {
    let text: String
    do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
      throw SearchConfigError(file, .unreadable(reason: error.localizedDescription))
    }
    try self.init(configText: text, file: file)
  }

  /// Reads the text of such a file; `file` is only for messages.
  init(configText text: String, file: String) throws(SearchConfigError) {
    do throws(SearchConfigError.Problem) {
      let unknown = try Self.unknownKeys(text)
      guard unknown.isEmpty else { throw SearchConfigError.Problem.unknownKeys(unknown) }
      do { self = try JSONText.decode(from: text) } catch { throw .values(reason: reason(error)) }
      try check()
    } catch { throw SearchConfigError(file, error) }
  }

  /// The keys that no plan has, each with the nearest one that a plan has.
  private static func unknownKeys(
    _ text: String
  ) throws(SearchConfigError.Problem) -> [SearchConfigError.UnknownKey] {
    let found: JSONLeaves
    do { found = try JSONLeaves(text) } catch { throw .values(reason: reason(error)) }
    return found.values.keys.filter { !allKeys.contains($0) }.sorted().map {
      ($0, nearest(to: $0, among: allKeys.sorted()))
    }.map(SearchConfigError.UnknownKey.init)
  }

  /// The keys that a plan can have.
  private static let allKeys: Set<String> = {
    SearchedMethod.allCases.reduce(into: []) { keys, method in
      let words = ["search", "--data=DIR", "--method=\(method.rawValue)"]
      let more = method == .darts2 ? ["--unrolled-rate=1"] : []
      guard case .run(_, let options) = Toponas.spec.parse(words + more),
        let plan = try? SearchPlan(options), let leaves = try? JSONLeaves(JSONText.line(plan))
      else { preconditionFailure("search takes \(words + more)") }
      keys.formUnion(leaves.values.keys)
    }
  }()

  private func check() throws(SearchConfigError.Problem) {
    let own = [
      ("train-images", trainImages), ("channels", channels), ("cells", cells), ("seed", seed),
      ("epochs", settings.epochs), ("batch", settings.batchSize),
      ("warm-up-epochs", settings.frozenEpochs),
    ].compactMap { name, number in number.map { (name, Double($0)) } }
    for (name, number) in own + method.numbers {
      guard let option = SearchCommand.spec.options.first(where: { $0.name == name }),
        !option.value.allows(number)
      else { continue }
      throw .values(reason: "\(name): expected \(option.expectation), found \(short(number))")
    }
    if let foreign = method.numbers.first(where: { !method.name.takes($0.option) }) {
      throw .values(reason: "\(foreign.option): expected nothing for \(method.name.rawValue)")
    }
    guard settings.frozenEpochs < settings.epochs else {
      throw .values(reason: "frozen_epochs: expected fewer than the \(settings.epochs) epochs")
    }
    guard space != .darts || cells >= 3 else {
      throw .values(reason: "cells: expected 3 or more for darts, found \(cells)")
    }
    let parts = searchMethod.edgeForm.channelDivisor
    guard channels.isMultiple(of: parts) else {
      throw .values(reason: "channels: expected a multiple of \(parts), found \(channels)")
    }
    guard simplifier?.hasTwoIndependentSums != true else {
      throw .values(reason: "simplification: expected other weights than N2 with the floating B")
    }
    guard isSimplified == (simplification != nil) else {
      throw .values(reason: "simplification: expected if and only if is_simplified is true")
    }
  }
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

/// A number without a needless point.
private func short(_ number: Double) -> String {
  Int(exactly: number).map { "\($0)" } ?? "\(number)"
}

/// Why a file is not the configuration of a search.
struct SearchConfigError: Error, Equatable, CustomStringConvertible {
  /// A key that no configuration has.
  struct UnknownKey: Equatable, Sendable {
    let name: String
    let nearest: String?
  }

  /// What is wrong.
  enum Problem: Error, Equatable {
    /// The system refuses to read the file.
    case unreadable(reason: String)
    /// Keys that no configuration has.
    case unknownKeys([UnknownKey])
    /// A value is missing, or not what it should be.
    case values(reason: String)
  }

  let file: String
  let problem: Problem

  init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  var isUnreadable: Bool { if case .unreadable = problem { true } else { false } }

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch problem {
    case .unreadable(let reason):
      "cannot read \(file): \(reason)\nHint: name the config.json of a run."
    case .unknownKeys(let keys):
      keys.map { key in
        "\(file): unknown key '\(key.name)'"
          + (key.nearest.map { ". Did you mean '\($0)'?" } ?? "")
      }.joined(separator: "\n") + "\nHint: the config.json of a new run shows all keys."
    case .values(let reason):
      "\(file): \(reason)\nHint: the config.json of a new run shows all keys, with values that fit."
    }
  }
}

private func reason(_ error: any Error) -> String {
  switch error as? DecodingError {
  case .keyNotFound(let key, let context):
    "the key '\((context.codingPath + [key]).map(\.stringValue).joined(separator: "."))' is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    (context.codingPath.map(\.stringValue) + [context.debugDescription]).joined(separator: ": ")
  default: "expected one JSON object: \(error.localizedDescription)"
  }
}
