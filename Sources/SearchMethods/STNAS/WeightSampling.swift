/// Which steps of Langevin dynamics give the weight samples by which architectures are compared.
public struct WeightSampling: Hashable, Codable, Sendable {
  /// m_0: so many steps come first, and give none.
  public var burnIn: Int
  /// g: one of so many weight vectors is kept.
  public var interval: Int
  /// M: how many weight vectors are kept.
  public var samples: Int

  /// Creates the schedule.
  public init(burnIn: Int, interval: Int, samples: Int) {
    precondition(
      burnIn >= 0 && interval >= 1 && samples >= 1,
      "expected m_0 >= 0, g >= 1 and M >= 1, found \(burnIn), \(interval) and \(samples)")
    (self.burnIn, self.interval, self.samples) = (burnIn, interval, samples)
  }

  /// How many steps there are in all.
  public var steps: Int { burnIn + interval * samples }

  /// The sample that the weights are after `step` steps, counted from 0; nil if they are none.
  ///
  /// Equation: C-9 [reconstructed: low]. after the training of the supernet SGLD (C-1b) with a constant small eta; m_0
  /// steps are discarded, then every g-th weight vector is kept, M in all. Temp = 0 gives snapshots of plain SGD, M = 1
  /// the usual one-shot score.
  ///
  /// Explained in chapter 28.
  public func sample(after step: Int) -> Int? {
    let (place, rest) = (step - burnIn).quotientAndRemainder(dividingBy: interval)
    return rest == 0 && 1...samples ~= place ? place - 1 : nil
  }
}
