import Synchronization

/// Where the time of parallel loops goes, kernel by kernel.
///
/// What runs inside `KernelProfile.$current.withValue(profile)` is recorded; without a profile a loop
/// pays for one look whether there is one. A loop inside a loop belongs to the outer one.
public final class KernelProfile: Sendable {
  /// The profile that loops are recorded in; nil is none.
  @TaskLocal public static var current: KernelProfile?

  /// All loops of one name.
  public struct Entry: Equatable, Sendable {
    /// How many loops ran.
    public var calls = 0
    /// Their wall time.
    public var time = Duration.zero
  }

  private let state = Mutex<[String: Entry]>([:])

  /// Creates an empty profile.
  public init() {}

  /// What was recorded so far, by file and function of the loop, for example `Convolution.forward`.
  public var entries: [String: Entry] { state.withLock { $0 } }

  /// Runs a loop and adds its wall time under the name of `function` in `file`, given as `#fileID`.
  func record(file: StaticString, function: StaticString, _ loop: () -> Void) {
    let time = ContinuousClock().measure { Self.$current.withValue(nil, operation: loop) }
    state.withLock { state in
      let name = Self.name(file: "\(file)", function: "\(function)")
      state[name, default: Entry()].calls += 1
      state[name, default: Entry()].time += time
    }
  }

  /// `Module/Stem.swift` and `function(label:)` as `Stem.function`.
  private static func name(file: String, function: String) -> String {
    let stem = file.split(separator: "/").last?.split(separator: ".").first ?? ""
    return "\(stem).\(function.prefix { $0 != "(" })"
  }
}

extension Duration {
  /// This duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
