import Messages

/// Where a run tells how it is going, and learns that it is to stop.
///
/// A library never prints: the program that uses it does, or does not.
public protocol RunOutput {
  /// Whether only results are wanted.
  var isQuiet: Bool { get }
  /// A run begins to work, from now on `wantsStop` is asked for.
  func willRun()
  /// Whether the run is to save its state and end.
  var wantsStop: Bool { get }
  /// Takes a result.
  func result(_ message: Message) throws
  /// Takes a result that is a text of its own, such as a table.
  func result(text: String) throws
  /// Takes an error or a warning.
  func error(_ message: Message)
  /// Takes lines of progress that stay.
  func progress(text: String)
  /// Takes a line of progress that the next one replaces.
  func status(_ line: Message)
}

extension RunOutput {
  /// Takes a line of progress that stays.
  public func progress(_ line: Message) { progress(text: line.text) }
}

// What an output does not take goes nowhere; what ends a run is thrown in any case.
extension RunOutput {
  /// Only results are wanted.
  public var isQuiet: Bool { true }
  /// Does nothing.
  public func willRun() {}
  /// Whether the run should stop: never.
  public var wantsStop: Bool { false }
  /// Takes a result to nowhere.
  public func result(_ message: Message) throws {}
  /// Takes a text to nowhere.
  public func result(text: String) throws {}
  /// Takes an error to nowhere.
  public func error(_ message: Message) {}
  /// Takes progress to nowhere.
  public func progress(text: String) {}
  /// Takes a status to nowhere.
  public func status(_ line: Message) {}
}

/// Nobody listens: for runs of other programs and of tests.
public struct SilentOutput: RunOutput {
  /// Creates it.
  public init() {}
}
