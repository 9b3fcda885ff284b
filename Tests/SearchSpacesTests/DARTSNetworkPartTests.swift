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

  @Test func `preprocessing behind a reduction sees even and odd pixels`() {
    let layer = Preprocessing(
      "r", inputs: 3, outputs: 4, halving: true, affine: true, seed: RandomGenerator(seed: 1))
    let x = sample([2, 6, 4, 3])
    let y = layer(.constant(x), in: ForwardPass(.training)).value
    let parts = [0, 1].map { offset in
      Naive.convolution(
        Naive.subsampling(x.relu(), offset: offset), layer.parameters[offset].value, Window(1))
    }
    let joined = Tensor.concatenatingChannels(parts)
    expectClose(
      y, batchNorm(.constant(joined), Normalization(of: joined)).value, absolute: 1e-4)
    #expect(layer.parameters.map(\.value.shape) == [[2, 1, 1, 3], [2, 1, 1, 3], [4], [4]])
  }

  @Test func `the plan of the published network`() {
    let plan = DARTSCellPlan.network(channels: 36, layers: 20)
    #expect(plan.indices.filter { plan[$0].isReduction } == [6, 13])
    #expect(plan.indices.filter { plan[$0].followsReduction } == [7, 14])
    #expect(plan.map(\.channels) == (0..<20).map { $0 < 6 ? 36 : $0 < 13 ? 72 : 144 })
    #expect(plan.map(\.halvings) == (0..<20).map { $0 <= 6 ? 0 : $0 <= 13 ? 1 : 2 })
    #expect(plan[0].inputs == [108, 108])
    #expect(plan[1].inputs == [108, 144])
    #expect(plan[7].inputs == [144, 288])
    #expect(plan[19].outputs == 576)
    #expect(plan[6].stride(from: 1) == 2 && plan[6].stride(from: 2) == 1)
    #expect(plan[5].stride(from: 1) == 1)
  }
}
