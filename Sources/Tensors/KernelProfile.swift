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

  private let state = Mutex<[Loop: Entry]>([:])

  /// Creates an empty profile.
  public init() {}

  /// What was recorded so far, by file and function of the loop, for example `Convolution.forward`.
  public var entries: [String: Entry] {
    state.withLock { state in
      state.reduce(into: [:]) { entries, item in
        entries[item.key.name, default: Entry()].calls += item.value.calls
        entries[item.key.name, default: Entry()].time += item.value.time
      }
    }
  }

  /// Runs a loop and adds its wall time under the name of `function` in `file`, given as `#fileID`.
  func record(file: StaticString, function: StaticString, _ loop: () -> Void) {
    let time = ContinuousClock().measure { Self.$current.withValue(nil, operation: loop) }
    let loop = Loop(file: file, function: function)
    state.withLock { state in
      state[loop, default: Entry()].calls += 1
      state[loop, default: Entry()].time += time
    }
  }
}

/// Where a loop stands; compared by address, for a step has thousands of loops.
private struct Loop: Hashable {
  let file: StaticString
  let function: StaticString

  /// `Module/Stem.swift` and `function(label:)` as `Stem.function`.
  var name: String {
    let stem = "\(file)".split(separator: "/").last?.split(separator: ".").first ?? ""
    return "\(stem).\("\(function)".prefix { $0 != "(" })"
  }

  static func == (a: Loop, b: Loop) -> Bool {
    a.file.utf8Start == b.file.utf8Start && a.function.utf8Start == b.function.utf8Start
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(file.utf8Start)
    hasher.combine(function.utf8Start)
  }
}

extension Duration {
  /// This duration in seconds.
  package var seconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}
