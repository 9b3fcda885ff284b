/// The random numbers of Python's module `random`, as far as its `shuffle` needs them.
///
/// The generator is MT19937 of Matsumoto and Nishimura [published: 1998], started as Python starts it with a small number.
struct MersenneTwister {
  private static let size = 624
  private var state: [UInt32]
  private var next = size

  /// Starts with a seed.
  init(seed: UInt32) {
    state = Self.linear(19_650_218)
    var place = 1
    func mixed(_ factor: UInt32, at place: Int) -> UInt32 {
      let before = state[place - 1]
      return state[place] ^ ((before ^ before >> 30) &* factor)
    }
    func step() {
      place += 1
      guard place == Self.size else { return }
      state[0] = state[Self.size - 1]
      place = 1
    }
    // The seed as a key of one word.
    for _ in 0..<Self.size {
      state[place] = mixed(1_664_525, at: place) &+ seed
      step()
    }
    for _ in 1..<Self.size {
      state[place] = mixed(1_566_083_941, at: place) &- UInt32(place)
      step()
    }
    state[0] = 1 << 31
  }

  private static func linear(_ seed: UInt32) -> [UInt32] {
    (1..<size).reduce(into: [seed]) { state, place in
      let before = state[place - 1]
      state.append(1_812_433_253 &* (before ^ before >> 30) &+ UInt32(place))
    }
  }

  /// The next 32 bits.
  mutating func bits() -> UInt32 {
    if next == Self.size { refill() }
    var bits = state[next]
    next += 1
    bits ^= bits >> 11
    bits ^= bits << 7 & 0x9D2C_5680
    bits ^= bits << 15 & 0xEFC6_0000
    return bits ^ bits >> 18
  }

  private mutating func refill() {
    for place in 0..<Self.size {
      let word = state[place] & 1 << 31 | state[(place + 1) % Self.size] & ~(1 << 31)
      let twist: UInt32 = word & 1 == 1 ? 0x9908_B0DF : 0
      state[place] = state[(place + 397) % Self.size] ^ word >> 1 ^ twist
    }
    next = 0
  }

  /// A number below `bound`, which is at least 1: the first draw of as many bits as the bound has that is.
  mutating func number(below bound: Int) -> Int {
    let shift = UInt32.bitWidth - (Int.bitWidth - bound.leadingZeroBitCount)
    while true {
      let number = Int(bits() >> shift)
      if number < bound { return number }
    }
  }

  /// `items` in random order.
  mutating func shuffled<Item>(_ items: [Item]) -> [Item] {
    var items = items
    for last in items.indices.dropFirst().reversed() {
      items.swapAt(last, number(below: last + 1))
    }
    return items
  }
}
