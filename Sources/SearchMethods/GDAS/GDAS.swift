import Autodiff
import NeuralNetworks
import SearchSpaces
import Settings
import Tensors

/// GDAS: Dong and Yang, *Searching for a Robust Neural Architecture in Four GPU Hours*, 2019.
///
/// Every pass samples one operation per edge, the same in all cells of a kind, and evaluates no other.
public struct GDAS: SearchMethod {
  /// tau in the first epoch.
  public let firstTemperature: Double
  /// tau in the last epoch.
  public let lastTemperature: Double
  private let seed: RandomGenerator

  /// Creates the method; the noise follows from `seed`.
  public init(firstTemperature: Double = 10, lastTemperature: Double = 0.1, seed: RandomGenerator) {
    self.firstTemperature = firstTemperature
    self.lastTemperature = lastTemperature
    self.seed = seed.stream("gumbel")
  }

  /// The name of the method and its temperatures.
  public var description: String { "GDAS, tau from \(firstTemperature) to \(lastTemperature)" }

  /// The order of a step and the weights' SGD are those of the published search on either space.
  public func adapt(_ settings: inout SearchSettings) {
    settings.movesAlphaFirst = false
    settings.isNesterov = true
    settings.weightDecay = 5e-4
  }

  /// One draw of noise for every step of the weights and of alpha, and none for an evaluation.
  ///
  /// Without noise the strongest operation of an edge is evaluated.
  public func relaxation(
    for pass: SearchPass, at moment: SearchMoment, parameters: [Shape]
  ) -> any Relaxation {
    GumbelRelaxation(
      noises: parameters.enumerated().map { noise(pass, moment, $0, $1) },
      temperature: Scalar(
        gumbelTemperature(
          epoch: moment.epoch, of: moment.epochs, from: firstTemperature, to: lastTemperature)))
  }

  private func noise(
    _ pass: SearchPass, _ moment: SearchMoment, _ parameter: Int, _ shape: Shape
  ) -> Tensor {
    guard pass != .evaluation else { return .zeros(shape) }
    var generator = seed.stream(pass.rawValue, moment.epoch, moment.step, parameter)
    return Tensor((0..<shape.count).map { _ in generator.gumbel() }, shape: shape)
  }
}

/// The temperature of an epoch counted from 0.
///
/// Equation: D3-5 [published: D-X-Y/AutoDL-Projects]. tau(e) = 10 - 9.9 e / (T - 1), T epochs.
///
/// Explained in chapter 24.
public func gumbelTemperature(
  epoch: Int, of epochs: Int, from first: Double, to last: Double
) -> Double {
  first + (last - first) * Double(epoch) / Double(max(1, epochs - 1))
}

/// The weights of GDAS for one draw of noise: one operation per edge is sampled and evaluated.
///
/// Forward a weight is 0 or 1; backward it is the share that a softmax at a temperature gives. On a
/// simplified space a group is evaluated only if one of its members was sampled, and inside it the sampled
/// one has all the weight.
///
/// Equation: TS-31 [published: GDAS; reconstructed: medium]. q = softmax((log softmax(a) + g) / tau),
/// h = onehot(arg max q) - sg(q) + q; for a group G: A = sum over G of h_i, r = q_G / sum over G of q_i,
/// r^h = onehot(arg max r) - sg(r) + r. If arg max q is not in G, the group is not evaluated, and A, which is 0,
/// is added in its place.
///
/// So w(S | T) is 1 if the largest q of T is in S, else 0, with the gradient of sum_S q / sum_T q.
///
/// Explained in chapter 24.
public struct GumbelRelaxation: Relaxation {
  private let noises: [Tensor]
  private let temperature: Scalar

  /// Creates the relaxation for tau > 0 and noise g, draws of the Gumbel distribution [edges, columns], one for each
  /// kind of cells.
  public init(noises: [Tensor], temperature: Scalar) {
    precondition(!noises.isEmpty, "a relaxation needs noise for one kind of cells at least")
    precondition(temperature > 0, "a temperature is larger than 0, found \(temperature)")
    self.noises = noises
    self.temperature = temperature
  }

  /// Creates the relaxation of one kind of cells.
  public init(noise: Tensor, temperature: Scalar) {
    self.init(noises: [noise], temperature: temperature)
  }

  /// The relaxation of one kind of cells, an index into the noises.
  public func forCells(ofKind kind: Int) -> any Relaxation {
    GumbelRelaxation(noise: noises[kind], temperature: temperature)
  }

  /// True: what was not sampled has the weight 0 and is not evaluated (D3-4).
  public var yieldsZeros: Bool { true }

  /// The shares of candidates, 0 or 1: logits [edges, columns], result [weights.count].
  ///
  /// Equation: D3-1 [published: D-X-Y/AutoDL-Projects]. l = log softmax(A_e) + G, G = -log(Exp(1)).
  ///
  /// Equation: D3-2 [published: D-X-Y/AutoDL-Projects]. p = softmax(l / tau).
  ///
  /// Equation: D3-3 [published: D-X-Y/AutoDL-Projects]. h = onehot(arg max p) - sg(p) + p, straight through.
  ///
  /// Explained in chapter 24.
  public func values(of weights: [EdgeWeight], logits: Variable) -> Variable {
    let noise = noises[0]
    precondition(
      noise.shape == logits.shape,
      "noise of shape \(noise.shape) does not fit logits of shape \(logits.shape)")
    // The logarithm of the softmax differs from the logits by a constant, which cancels in each share.
    let perturbed = (1 / temperature) * (logits + .constant(noise))
    let soft = nestedSoftmax(perturbed, weights)
    let hard = Tensor(vector: weights.map { isSampled($0, perturbed.value) ? 1 : 0 })
    return .result(of: "straightThrough", [soft], hard) { [soft = soft.slot] g, gradients in
      gradients.add(g, to: soft)
    }
  }

  /// Whether in every factor of the weight the strongest logit is a member.
  private func isSampled(_ weight: EdgeWeight, _ logits: Tensor) -> Bool {
    let columns = logits.shape[1]
    return weight.weight.shares.allSatisfy { share in
      let best = argMax(share.within.map { logits[weight.edge * columns + $0] })
      return share.members.contains(share.within[best])
    }
  }
}

extension GDAS {
  /// GDAS in the list of methods.
  public static let entry = MethodEntry(
    "gdas", summary: "GDAS: one sampled operation per edge",
    settings: [
      Setting(
        "tau-from", .number(0.001...1000), help: "the temperature in the first epoch.",
        standard: .number(standard.firstTemperature)),
      Setting(
        "tau-to", .number(0.001...1000), help: "the temperature in the last epoch.",
        standard: .number(standard.lastTemperature)),
    ],
    published: { _ in .init(epochs: 250) }
  ) { values, seed in
    GDAS(
      firstTemperature: values.number("tau-from"),
      lastTemperature: values.number("tau-to"), seed: seed)
  }

  private static let standard = GDAS(seed: RandomGenerator(seed: 0))
}
