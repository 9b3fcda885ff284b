import Autodiff
import Tensors
import TestSupport
import Testing

@Suite("Tape")
struct TapeTests {
  @Test func `a value used twice gets both contributions`() {
    let tape = Tape()
    let x = tape.variable(Tensor(3))
    #expect(tape.gradients(of: x * x, withRespectTo: [x])[0].item == 6)
  }

  @Test func `many paths cost one sweep`() {
    let tape = Tape()
    let x = tape.variable(Tensor(1))
    var y = x
    for _ in 0..<30 { y = y + y }  // 2^30 paths, 30 operations
    #expect(tape.gradients(of: y, withRespectTo: [x])[0].item == 1_073_741_824)
    #expect(tape.operations.count == 31)
  }

  @Test func `a long chain needs no stack`() {
    let tape = Tape()
    let x = tape.variable(Tensor(1))
    var y = x
    for _ in 0..<100_000 { y = 1 * y }
    #expect(tape.gradients(of: y, withRespectTo: [x])[0].item == 1)
  }

  @Test func `constants record nothing`() {
    let tape = Tape()
    let x = Variable.constant(Tensor(2))
    let y = x * x + x
    #expect(!y.isTracked)
    #expect(tape.operations.isEmpty)
    #expect(y.item == 6)
  }

  @Test func `a variable that the output does not use has gradient zero`() {
    let tape = Tape()
    let (x, unused) = (tape.variable(Tensor(2)), tape.variable(Tensor([1, 2], shape: [2])))
    #expect(
      tape.gradients(of: x * x, withRespectTo: [unused, x]).map(\.scalars) == [[0, 0], [4]])
  }

  @Test func `the gradient of an intermediate value is kept if asked for`() {
    let tape = Tape()
    let x = tape.variable(Tensor(2))
    let y = x * x
    let gradients = tape.gradients(of: y * y, withRespectTo: [x, y])
    #expect(gradients.map(\.item) == [32, 8])
  }

  @Test func `a cotangent weighs the outputs`() {
    let tape = Tape()
    let x = tape.variable(Tensor([1, 2, 3], shape: [3]))
    let gradients = tape.gradients(
      of: x * x, cotangent: Tensor([1, 0, 10], shape: [3]), withRespectTo: [x])
    #expect(gradients[0].scalars == [2, 0, 60])
  }

  @Test func `what an operation kept is freed while the pullbacks run`() {
    final class Witness {}
    weak var witness: Witness?
    let tape = Tape()
    let x = tape.variable(Tensor(1))
    let y: Variable = {
      let kept = Witness()
      witness = kept
      return .result(of: "keep", [x], Tensor(2)) { g, gradients in
        withExtendedLifetime(kept) { gradients.add(g, to: x.slot) }
      }
    }()
    #expect(witness != nil)
    let z = Variable.result(of: "look", [x], Tensor(1)) { [slot = x.slot] g, gradients in
      // Recorded later, so pulled back earlier: the witness is still there.
      #expect(witness != nil)
      gradients.add(g, to: slot)
    }
    let first = Variable.result(of: "sum", [y, z], Tensor(3)) { g, gradients in
      gradients.add(g, to: y.slot)
      gradients.add(g, to: z.slot)
    }
    #expect(tape.gradients(of: first, withRespectTo: [x])[0].item == 2)
    #expect(witness == nil)
  }

  @Test func `a kernel adds to a gradient in place`() {
    let tape = Tape()
    let x = tape.variable(.zeros([1000]))
    var addresses: [UInt] = []
    var flags: [Bool] = []
    func use() -> Variable {
      .result(of: "use", [x], Tensor(1)) { [slot = x.slot] _, gradients in
        gradients.accumulate(into: slot, shape: [1000]) { total, accumulating in
          total.withMutableScalars { scalars in
            addresses.append(UInt(bitPattern: scalars.baseAddress))
            for i in scalars.indices { scalars[i] = (accumulating ? scalars[i] : 0) + 1 }
          }
          flags.append(accumulating)
        }
      }
    }
    let y = use() + use() + use()
    let gradient = tape.gradients(of: y, withRespectTo: [x])[0]
    #expect(gradient == Tensor(repeating: 3, shape: [1000]))
    #expect(flags == [false, true, true])
    #expect(Set(addresses).count == 1, "no copy is made")
  }

  @Test func `a tape that is dropped frees what it holds`() {
    weak var dropped: Tape?
    do {
      let tape = Tape()
      dropped = tape
      let x = tape.variable(sample([2, 3, 3, 4]))
      let gain = tape.variable(sample([4]))
      let n = Normalization(of: x.value, gain: gain, bias: gain)
      _ = relu(convolution(batchNorm(x, n), tape.variable(sample([4, 3, 3, 4])), Window(3)))
    }
    #expect(dropped == nil)
  }

  @Test func `a tape gives its gradients once, and of one number`() async {
    await #expect(processExitsWith: .failure) {
      let tape = Tape()
      let x = tape.variable(Tensor(1))
      _ = tape.gradients(of: x, withRespectTo: [x])
      _ = tape.gradients(of: x, withRespectTo: [x])
    }
    await #expect(processExitsWith: .failure) {
      let tape = Tape()
      let x = tape.variable(Tensor.zeros([2]))
      _ = tape.gradients(of: x, withRespectTo: [x])
    }
    await #expect(processExitsWith: .failure) {
      _ = Tape().variable(Tensor(1)) + Tape().variable(Tensor(1))
    }
    await #expect(processExitsWith: .failure) {
      let (tape, other) = (Tape(), Tape())
      let x = tape.variable(Tensor(1))
      _ = tape.gradients(of: x, withRespectTo: [other.variable(Tensor(1))])
    }
  }
}

@Suite("The gradient check itself")
struct GradientCheckTests {
  private static func worst(
    _ inputs: [Tensor], _ function: ([Variable]) -> Variable
  ) -> Double {
    GradientCheck.run(at: inputs, function).map(\.relativeError).max() ?? 0
  }

  /// x -> x * x, whose pullback is what the test makes of the right one.
  private static func square(_ x: Variable, pullback: @escaping (Tensor, Tensor) -> Tensor)
    -> Variable
  {
    let value = x.value
    return .result(of: "square", [x], value * value) { [slot = x.slot] g, gradients in
      gradients.add(pullback(g, value), to: slot)
    }
  }

  @Test func `a right gradient passes`() {
    #expect(
      Self.worst([sample([5])]) { Self.square($0[0]) { g, x in 2 * (g * x) } }
        < GradientCheck.defaultTolerance)
  }

  @Test func `a wrong factor is rejected`() {
    #expect(Self.worst([sample([5])]) { Self.square($0[0]) { g, x in 2.2 * (g * x) } } > 0.05)
  }

  @Test func `a wrong sign is rejected`() {
    #expect(Self.worst([sample([5])]) { Self.square($0[0]) { g, x in -2 * (g * x) } } > 0.5)
  }

  @Test func `a zero gradient is rejected`() {
    #expect(Self.worst([sample([5])]) { Self.square($0[0]) { g, _ in 0 * g } } > 0.9)
  }

  @Test func `a gradient that ignores the cotangent is rejected`() {
    #expect(Self.worst([sample([5])]) { Self.square($0[0]) { _, x in 2 * x } } > 0.1)
  }

  @Test func `a transposed gradient is rejected`() {
    // y = x w^T with the weight gradient of w^T instead of w.
    let check = Self.worst([sample([4, 4], 1), sample([4, 4], 2)]) { inputs in
      let (x, w) = (inputs[0], inputs[1])
      let right = linear(.constant(x.value), .constant(w.value)).value
      let (xv, wv) = (x.value, w.value)
      return .result(of: "transposed", [x, w], right) { [x = x.slot, w = w.slot] g, gradients in
        let tape = Tape()
        let (a, b) = (tape.variable(xv), tape.variable(wv))
        let found = tape.gradients(of: linear(a, b), cotangent: g, withRespectTo: [a, b])
        gradients.add(found[0], to: x)
        var transposed = found[1]
        for i in 0..<4 { for j in 0..<4 { transposed[i * 4 + j] = found[1][j * 4 + i] } }
        gradients.add(transposed, to: w)
      }
    }
    #expect(check > 0.1)
  }

  @Test func `a wrong gradient of the second input is rejected`() {
    let checks = GradientCheck.run(at: [sample([5], 1), sample([5], 2)]) { inputs in
      let (a, b) = (inputs[0].value, inputs[1].value)
      return .result(of: "product", inputs, a * b) {
        [x = inputs[0].slot, y = inputs[1].slot] g, gradients in
        gradients.add(g * b, to: x)
        gradients.add(g * b, to: y)  // should be g * a
      }
    }
    #expect(checks.filter { $0.input == 0 }.allSatisfy { $0.relativeError < 0.01 })
    #expect(checks.contains { $0.input == 1 && $0.relativeError > 0.1 })
  }
}
