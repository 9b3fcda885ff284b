import Foundation
import Tensors
import TestSupport

/// A function to write oneself, and what tells when it is right.
///
/// The checks are tested too: the library's function passes them, and every wrong one that is listed does not.
struct Exercise {
  /// How a reader calls it.
  let name: String
  /// A hint, for those who are stuck.
  let hint: String
  /// What is wrong with the reader's function: nothing, when it is right.
  let mistakes: () -> [String]
  /// What the checks find wrong with the library's function.
  let mistakesOfLibrary: () -> [String]
  /// Wrong functions, the stub first, with what the checks find.
  let wrong: [(name: String, mistakes: () -> [String])]

  /// An exercise whose `checks` write down what is wrong with a function.
  init<Function>(
    _ name: String, hint: String, yours: Function, library: Function,
    wrong: [(String, Function)], checks: @escaping (Function, inout Findings) -> Void
  ) {
    func mistakes(of function: Function) -> [String] {
      var findings = Findings()
      checks(function, &findings)
      return findings.mistakes
    }
    (self.name, self.hint) = (name, hint)
    self.mistakes = { mistakes(of: yours) }
    mistakesOfLibrary = { mistakes(of: library) }
    self.wrong = wrong.map { name, function in (name, { mistakes(of: function) }) }
  }

  /// All exercises, in the order of the chapters.
  static var all: [Exercise] {
    [
      .scalarIndex, .convolution, .batchNormGradient, .softmaxPullback, .finiteDifference,
      .nestedSoftmax, .sharedPrefix, .unitNormGradient,
    ]
  }

  /// What a reader wants checked: the names of exercises, or 1 for all; nil is nothing.
  static let wanted = ProcessInfo.processInfo.environment["TOPONAS_EXERCISES"]
    .flatMap { $0.isEmpty || $0 == "0" ? nil : $0 }

  /// The names of the exercises that `TOPONAS_EXERCISES` names; of all without it.
  static var chosen: [String] {
    let names = wanted.map { $0.split(separator: ",").map(String.init) } ?? ["1"]
    return names == ["1"] ? all.map(\.name) : names
  }
}

/// What checks found.
struct Findings {
  private(set) var mistakes: [String] = []

  /// Notes `mistake` unless it is right.
  mutating func expect(_ isRight: Bool, _ mistake: @autoclosure () -> String) {
    if !isRight { mistakes.append(mistake()) }
  }

  /// Notes where two lists of numbers differ by more than a thousandth of the largest.
  mutating func expect(_ found: [Double], _ expected: [Double], _ what: String) {
    let tolerance = 1e-3 * max(1e-2, expected.map(abs).max() ?? 0)
    let isClose = zip(found, expected).allSatisfy { abs($0 - $1) <= tolerance }
    expect(
      found.count == expected.count && isClose,
      "\(what): expected \(Self.shown(expected)), found \(Self.shown(found))")
  }

  /// Notes where two tensors differ in shape, or by more than a thousandth of the largest scalar.
  mutating func expect(_ found: Tensor, _ expected: Tensor, _ what: String) {
    guard found.shape == expected.shape else {
      return expect(false, "\(what): expected shape \(expected.shape), found \(found.shape)")
    }
    expect(found.doubles, expected.doubles, what)
  }

  private static func shown(_ numbers: [Double]) -> String {
    let first = numbers.prefix(6).map { "\(($0 * 10_000).rounded() / 10_000)" }
    return "[" + first.joined(separator: ", ") + (numbers.count > 6 ? ", ...]" : "]")
  }
}
