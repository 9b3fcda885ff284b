#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A seeded random generator that can be split into independent ones (SplitMix64).
///
/// Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, OOPSLA 2014.
///
/// Nothing in the project draws from an unseeded source. `stream` derives a generator from a purpose
/// and numbers such as epoch and step, so that what one part draws never shifts what another gets,
/// and a run that is resumed needs no saved random state.
public struct RandomGenerator: RandomNumberGenerator, Hashable, Codable, Sendable {
  private var state: UInt64
  private let increment: UInt64

  /// Creates the generator of `seed`; equal seeds give equal sequences on every machine.
  public init(seed: UInt64) { self.init(state: Self.mixed(seed), increment: 0x9E37_79B9_7F4A_7C15) }

  private init(state: UInt64, increment: UInt64) {
    self.state = state
    self.increment = increment | 1  // odd, so that the sequence visits every state
  }

  /// Sixty-four random bits.
  public mutating func next() -> UInt64 {
    state &+= increment
    return Self.mixed(state)
  }

  /// A generator independent of this one, which moves on.
  public mutating func split() -> RandomGenerator {
    let state = next()
    return RandomGenerator(state: state, increment: next())
  }

  /// The generator of one purpose: the same for the same label and numbers, and this one stays put.
  public func stream(_ label: String, _ numbers: Int...) -> RandomGenerator {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325  // FNV-1a
    for byte in label.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    for number in numbers { hash = Self.mixed(hash &+ UInt64(bitPattern: Int64(number))) }
    let state = Self.mixed(self.state ^ hash)
    return RandomGenerator(state: state, increment: Self.mixed(state ^ increment))
  }

  /// A bijection of 64 bits in which every input bit moves about half of the output bits.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// A number in [0, 1), a multiple of 2^-24 (2^-53 in double precision).
  public mutating func uniform() -> Scalar {
    let bits = Scalar.significandBitCount + 1
    return Scalar(next() >> UInt64(64 - bits)) / Scalar(1 << bits)
  }

  /// A number in [`range.lowerBound`, `range.upperBound`), up to rounding.
  public mutating func uniform(in range: ClosedRange<Scalar>) -> Scalar {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in `0 ..< bound`.
  public mutating func integer(below bound: Int) -> Int {
    precondition(bound > 0, "integer(below:) needs a bound of at least 1, found \(bound)")
    return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
  }

  /// A normal variate of mean 0 and variance 1 (Box and Muller).
  public mutating func normal() -> Scalar {
    let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
    return Scalar(radius * cos(2 * Double.pi * Double(uniform())))
  }

  /// A Gumbel variate: -log(E), E exponential of rate 1; mean 0.5772, variance pi^2 / 6.
  public mutating func gumbel() -> Scalar {
    let tiny = Double(Scalar.leastNormalMagnitude)  // keeps both logarithms finite
    return Scalar(-log(max(-log(1 - Double(uniform())), tiny)))
  }

  /// The numbers `0 ..< count` in random order (Fisher and Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for i in stride(from: count - 1, to: 0, by: -1) { order.swapAt(i, integer(below: i + 1)) }
    return order
  }
}

extension Tensor {
  /// Independent normal variates of mean 0 and the given standard deviation.
  public static func normal(
    _ shape: Shape, standardDeviation: Scalar = 1, using generator: inout RandomGenerator
  ) -> Tensor {
    Tensor((0..<shape.count).map { _ in standardDeviation * generator.normal() }, shape: shape)
  }

  /// Independent uniform variates.
  public static func uniform(
    _ shape: Shape, in range: ClosedRange<Scalar>, using generator: inout RandomGenerator
  ) -> Tensor {
    Tensor((0..<shape.count).map { _ in generator.uniform(in: range) }, shape: shape)
  }
}
