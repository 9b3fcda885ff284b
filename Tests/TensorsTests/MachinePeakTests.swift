import Testing

@testable import Tensors

@Suite("Peaks of the machine")
struct MachinePeakTests {
  @Test(arguments: [1, 2]) func `rates are finite and positive`(_ threads: Int) {
    Threads.$limit.withValue(threads) {
      let rates = [
        MachinePeak.multiplyAddRate(seconds: 0),
        MachinePeak.copyBandwidth(bytes: 1 << 20, seconds: 0),
        MachinePeak.readBandwidth(bytes: 1 << 20, seconds: 0),
      ]
      #expect(rates.allSatisfy { $0.isFinite && $0 > 0 }, "\(rates)")
    }
  }

  @Test(arguments: [0, 1, 1000]) func `a buffer has at least one vector`(_ bytes: Int) {
    #expect(MachinePeak.copyBandwidth(bytes: bytes, seconds: 0) > 0)
    #expect(MachinePeak.readBandwidth(bytes: bytes, seconds: 0) > 0)
  }
}
