/// What a program tells its caller when it ends.
public enum ExitCode: Int32, Sendable {
  /// The program did what it was asked to.
  case ok = 0
  /// The run itself failed.
  case failed = 1
  /// The request is wrong.
  case usage = 64
  /// The data are wrong.
  case badData = 65
  /// The data are not there.
  case noInput = 66
  /// An output cannot be created.
  case cannotCreate = 73
  /// Reading or writing failed half-way.
  case inputOutput = 74
  /// The user stopped the run, which is saved.
  case interrupted = 130
}

extension Error {
  /// The code of an error: what a `UserError` says; anything else is a failure of the run.
  public var exitCode: ExitCode { (self as? any UserError)?.exitCode ?? .failed }
}
