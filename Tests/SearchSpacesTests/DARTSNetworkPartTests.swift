import Autodiff
import NeuralNetworks
import Tensors
import TestSupport
import Testing

@testable import SearchSpaces

@Suite("Parts of the network of derived DARTS cells")
struct DARTSNetworkPartTests {
  @Test func `the auxiliary head pools the four windows that fit`() {
    let x = sample([2, 8, 8, 3])
    let y = AuxiliaryHead.pooled(.constant(x)).value
    #expect(y.shape == [2, 2, 2, 3])
    for n in 0..<2 {
      for (i, j, c) in [(0, 0, 0), (0, 1, 1), (1, 0, 2), (1, 1, 0)] {
        var total = 0.0
        for h in 0..<5 { for w in 0..<5 { total += Double(x[n, 3 * i + h, 3 * j + w, c]) } }
        expectClose(Double(y[n, i, j, c]), total / 25)
      }
    }
    expectGradients(at: [x]) { AuxiliaryHead.pooled($0[0]) }
  }

  @Test func `selected pixels`() {
    let x = sample([2, 4, 5, 3])
    let y = selectPixels(.constant(x), rows: [3, 0], columns: [1, 1, 4]).value
    #expect(y.shape == [2, 2, 3, 3])
    #expect(y[1, 0, 2, 2] == x[1, 3, 4, 2])
    #expect(y[0, 1, 1, 0] == x[0, 0, 1, 0])
    expectGradients(at: [x]) { selectPixels($0[0], rows: [3, 0], columns: [1, 1, 4]) }
  }

  @Test func `a factorized reduction sees even and odd pixels`() {
    let layer = FactorizedReduction("r", inputs: 3, outputs: 4, seed: RandomGenerator(seed: 1))
    let x = sample([2, 6, 4, 3])
    let y = layer(.constant(x), in: ForwardPass(.training), afterReLU: true).value
    let parts = [0, 1].map { offset in
      Naive.convolution(
        Naive.subsampling(x.relu(), offset: offset), layer.parameters[offset].value, Window(1))
    }
    let joined = Tensor.concatenatingChannels(parts)
    expectClose(
      y, batchNorm(.constant(joined), Normalization(of: joined)).value, absolute: 1e-4)
    #expect(layer.parameters.map(\.value.shape) == [[2, 1, 1, 3], [2, 1, 1, 3], [4], [4]])
  }

  @Test func `the places of the published network`() {
    let places = DARTSCellPlace.all(channels: 36, layers: 20)
    #expect(places.indices.filter { places[$0].isReduction } == [6, 13])
    #expect(places.indices.filter { places[$0].followsReduction } == [7, 14])
    #expect(places.map(\.channels) == (0..<20).map { $0 < 6 ? 36 : $0 < 13 ? 72 : 144 })
    #expect(places.map(\.halvings) == (0..<20).map { $0 <= 6 ? 0 : $0 <= 13 ? 1 : 2 })
    #expect(places[0].inputs == .init(beforeLast: 108, last: 108))
    #expect(places[1].inputs == .init(beforeLast: 108, last: 144))
    #expect(places[7].inputs == .init(beforeLast: 144, last: 288))
    #expect(places[19].outputs == 576)
    #expect(places[6].stride(from: 1) == 2 && places[6].stride(from: 2) == 1)
    #expect(places[5].stride(from: 1) == 1)
  }
}
