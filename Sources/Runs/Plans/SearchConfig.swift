import Foundation
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Settings
import SystemErrors
import Tensors
import TopologicalSimplification

extension SearchPlan: RunPlan {
  package static var kind: RunKind { .search }

  package func with(_ chosen: SettingValues) throws -> SearchPlan {
    try SearchPlan(chosen, over: self)
  }

  /// The keys that a plan can have.
  package static let allKeys: Set<String> = {
    guard let plan = try? SearchPlan(["data": "DIR"]),
      let leaves = try? JSONLeaves(JSONText.line(plan))
    else { preconditionFailure("a search can have real images") }
    return Set(leaves.values.keys).union(MethodPlan.keys.map { "method.\($0)" })
      .union(SpaceOptions.keys.map { "space_options.\($0)" }).union(ImageForm.keys)
  }()

  /// The words that a text can be, by its key.
  package static let words = [
    "preset": all(SizePreset.self), "space": all(SearchedSpace.self),
    "convolution": all(ConvolutionAlgorithm.self),
    "method.name": MethodEntry.all.map(\.name),
    "simplification.variant": all(Grouping.Variant.self),
    "simplification.floating": all(FloatingModuleSharing.self),
    "simplification.kernel_normalization": all(KernelNormalization.self),
    "simplification.weights": all(NestedWeights.self),
  ]

  /// Throws if there can be no such images, values of the method are not its own, or two values disagree.
  package func check() throws(SearchConfigError.Problem) {
    try images?.check()
    try method.check()
    try spaceOptions?.check(of: space)
    guard isSimplified == (simplification != nil) else {
      throw .values(reason: "simplification: expected if and only if is_simplified is true")
    }
  }
}

/// Why a file is not the configuration of a run.
package struct SearchConfigError: UserError, Equatable {
  /// A key that no configuration has.
  package struct UnknownKey: Equatable, Sendable {
    package let name: String
    package let nearest: String?
  }

  /// What is wrong.
  package enum Problem: Error, Equatable {
    /// The system refuses to read the file.
    case unreadable(reason: String)
    /// The bytes of the file are not text.
    case notText
    /// The configuration belongs to the other kind of run.
    case otherKind(RunKind, expected: String)
    /// Keys that no configuration has.
    case unknownKeys([UnknownKey])
    /// A value is missing, or not what it should be.
    case values(reason: String)
  }

  package let file: String
  package let problem: Problem

  package init(_ file: String, _ problem: Problem) {
    self.file = file
    self.problem = problem
  }

  package var isUnreadable: Bool { if case .unreadable = problem { true } else { false } }

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { isUnreadable ? .noInput : .badData }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch problem {
    case .unreadable(let reason):
      "cannot read \(file): \(reason)\nHint: name the config.json of a run."
    case .notText:
      "\(file): expected text in UTF-8\nHint: it is no config.json of a run, or was damaged; restore it from a copy."
    case .otherKind(let kind, let expected):
      "\(file): expected a run of toponas \(expected), found one of toponas \(kind.rawValue)\nHint: \(kind.uses)"
    case .unknownKeys(let keys):
      keys.prefix(10).map { key in
        "\(file): unknown key '\(key.name)'"
          + (key.nearest.map { ". Did you mean '\($0)'?" } ?? "")
      }.joined(separator: "\n")
        + (keys.count > 10 ? "\nand \(keys.count - 10) more" : "")
        + "\nHint: the config.json of a new run shows all keys."
    case .values(let reason):
      "\(file): \(reason)\nHint: the config.json of a new run shows all keys, with values that fit."
    }
  }
}

extension SearchConfigError {
  /// Why a text is no JSON.
  package static func reason(_ error: any Error) -> String {
    let place = (error as NSError).userInfo[NSDebugDescriptionErrorKey] as? String
    return "expected one JSON object: \(place ?? error.reason)"
  }

  /// Why an object with these values is none of a plan, in words of the file.
  package static func reason(_ error: DecodingError, _ found: JSONLeaves) -> String {
    func line(_ context: DecodingError.Context, _ expectation: String) -> String {
      let key = path(context.codingPath)
      return
        "\(key): expected \(expectation), found \(found.values[key].map { "'\(shown($0))'" } ?? "another")"
    }
    switch error {
    case .keyNotFound(let key, let context):
      return "the key '\(path(context.codingPath + [key]))' is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return line(context, name(of: type))
    case .dataCorrupted(let context) where context.codingPath.isEmpty:
      // The decoder tells of no place if a number has no value of its type.
      return "a number is not of its kind, such as 1.5 where it must be whole, or too large"
    case .dataCorrupted(let context):
      let key = path(context.codingPath)
      return found.values[key].flatMap { Double($0) } != nil
        ? line(context, "a number of another size or kind") : "\(key): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  /// A key as the file has it: `settings.batch_size`.
  private static func path(_ keys: [any CodingKey]) -> String {
    keys.map { key in
      key.stringValue.map { $0.isUppercase ? "_\($0.lowercased())" : "\($0)" }.joined()
    }.joined(separator: ".")
  }

  private static func name(of type: any Any.Type) -> String {
    switch type {
    case is Int.Type: "a whole number"
    case is Double.Type: "a number"
    case is Bool.Type: "true or false"
    case is String.Type: "a text"
    default: "an object"
    }
  }
}
