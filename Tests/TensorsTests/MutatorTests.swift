import Tensors
import TestSupport
import Testing

@Suite("Damages for the tests of readers")
struct MutatorTests {
  private let text = Array(#"{"name":[12,-3.5],"other":"words and words"}"#.utf8)

  private func results(_ kind: Mutator.Kind) -> [[UInt8]] {
    var mutator = Mutator(RandomGenerator(seed: 5))
    return (0..<1000).map { _ in mutator.apply(kind, to: text) }
  }

  @Test(arguments: Mutator.Kind.allCases)
  func `every kind changes bytes`(_ kind: Mutator.Kind) {
    let changed = results(kind).count { $0 != text }
    // Equal slices may change places, and slices that overlap do not.
    #expect(changed >= (kind == .swap ? 400 : 950), "\(changed) of 1000")
  }

  @Test func `every kind does what its name says`() {
    #expect(
      results(.flip).allSatisfy { bytes in
        bytes.count == text.count
          && zip(bytes, text).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount } == 1
      })
    #expect(results(.cut).allSatisfy { $0.count < text.count && text.starts(with: $0) })
    #expect(results(.double).allSatisfy { $0.count > text.count })
    #expect(results(.insert).allSatisfy { $0.count > text.count })
    #expect(results(.remove).allSatisfy { $0.count < text.count })
    #expect(results(.swap).allSatisfy { $0.sorted() == text.sorted() })
    #expect(results(.empty).allSatisfy { $0.isEmpty })
    let numbers = results(.number).map { String(decoding: $0, as: UTF8.self) }
    for word in ["[nan,", "-9223372036854775807.5]", "[-1,", "-null.5]"] {
      #expect(numbers.contains { $0.contains(word) }, "\(word)")
    }
  }

  @Test func `what is empty can only grow`() {
    var mutator = Mutator(RandomGenerator(seed: 5))
    for kind in Mutator.Kind.allCases {
      #expect(mutator.apply(kind, to: []).isEmpty == (kind != .insert))
    }
  }

  @Test func `rounds differ, and each follows from its number`() {
    let inputs = (0..<2000).map { fuzzInput([text], round: $0) }
    #expect(inputs == (0..<2000).map { fuzzInput([text], round: $0) })
    #expect(Set(inputs).count > 1700)
    #expect(inputs.contains([]))
    #expect(inputs.count { $0 != text } > 1950)
  }

  @Test func `a reader that lets a foreign error out is told`() {
    struct Own: Error {}
    struct Foreign: Error {}
    withKnownIssue {
      fuzz([text], rounds: 1000, refusing: Own.self) { bytes in
        if bytes.isEmpty { throw Foreign() }
        if bytes != text { throw Own() }
      }
    }
    withKnownIssue { fuzz([text], rounds: 1000, refusing: Own.self) { _ in } }
  }
}
