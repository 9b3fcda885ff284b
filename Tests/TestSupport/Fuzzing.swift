import Foundation
import Tensors
import Testing

/// Feeds a reader damaged copies of sound inputs, and expects that it reads them or refuses them in its own words.
///
/// `read` reads an input, and throws a `FuzzFailure` if what it has read is not sound. Any other error than a
/// `Refusal` is a failure of the reader. Each round follows from its number alone.
/// `rounds` is how many damaged inputs there are of a hundred thousand, fewer where a reader is slow; half of them are
/// tried, and in proportion as many as the environment variable `TOPONAS_FUZZ_ROUNDS` asks for.
public func fuzz<Refusal: Error>(
  _ sound: [[UInt8]], rounds: Int, refusing: Refusal.Type,
  sourceLocation: SourceLocation = #_sourceLocation, _ read: ([UInt8]) throws -> Void
) {
  for input in sound {
    do { try read(input) } catch {
      Issue.record("a sound input: \(error)", sourceLocation: sourceLocation)
    }
  }
  var (refused, failures) = (0, 0)
  for round in 0..<rounds * (wantedRounds ?? usualRounds) / allRounds where failures < 3 {
    let input = fuzzInput(sound, round: round)
    do { try read(input) } catch is Refusal { refused += 1 } catch {
      failures += 1
      Issue.record("round \(round): \(error), of \(excerpt(input))", sourceLocation: sourceLocation)
    }
  }
  // Else nothing was damaged.
  #expect(refused > 0, sourceLocation: sourceLocation)
}

/// What a reader made of a damaged input is not sound.
public struct FuzzFailure: Error, CustomStringConvertible {
  /// Why.
  public let description: String

  /// Creates a failure.
  public init(_ description: String) { self.description = description }

  /// Throws if `condition` does not hold.
  public static func unless(_ condition: Bool, _ description: String) throws {
    if !condition { throw FuzzFailure(description) }
  }
}

/// The damaged input of a round.
public func fuzzInput(_ sound: [[UInt8]], round: Int) -> [UInt8] {
  var mutator = Mutator(RandomGenerator(seed: 11).stream("fuzz", round))
  return mutator.damaged(sound[round % sound.count])
}

private let allRounds = 100_000
private let usualRounds = 50_000

/// How many rounds the user asks for.
private var wantedRounds: Int? {
  ProcessInfo.processInfo.environment["TOPONAS_FUZZ_ROUNDS"].flatMap { Int($0) }
}

private func excerpt(_ bytes: [UInt8]) -> String {
  "\(bytes.count) bytes: \(String(decoding: bytes.prefix(600), as: UTF8.self).debugDescription)"
}
