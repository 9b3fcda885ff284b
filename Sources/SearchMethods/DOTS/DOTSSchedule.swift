/// The phases of a run of DOTS of any length.
///
/// The published run has 70 epochs; in others the phases have the same shares of the run, to the nearest epoch, except
/// that both searches have one epoch at least: this project's choice.
public struct DOTSSchedule: Hashable, Sendable {
  /// How many epochs the run has, two or more.
  public let epochs: Int
  /// T in the first epoch of the topology search.
  public let firstTemperature: Double
  /// T in its last epoch.
  public let lastTemperature: Double
  private let starts: [Int]

  /// Creates the phases of a run.
  public init(epochs: Int, firstTemperature: Double = 10, lastTemperature: Double = 0.02) {
    precondition(epochs >= 2, "a run of DOTS has two searches, found \(epochs) epochs")
    self.epochs = epochs
    (self.firstTemperature, self.lastTemperature) = (firstTemperature, lastTemperature)
    let published = DOTSPhase.allCases.map { phase in
      (2 * phase.epochs.lowerBound * epochs + DOTSPhase.epochCount) / (2 * DOTSPhase.epochCount)
    }
    let change = min(max(1, published[2]), epochs - 1)
    starts = [0, min(published[1], change - 1), change, min(max(change, published[3]), epochs - 1)]
  }

  /// The epochs of a phase, counted from 0; a training may have none.
  public func range(_ phase: DOTSPhase) -> Range<Int> {
    let index = DOTSPhase.allCases.firstIndex(of: phase) ?? 0
    return starts[index]..<(index + 1 < starts.count ? starts[index + 1] : epochs)
  }

  /// The phase of an epoch.
  public func phase(_ epoch: Int) -> DOTSPhase {
    guard let phase = DOTSPhase.allCases.first(where: { range($0).contains(epoch) }) else {
      preconditionFailure("expected an epoch from 0 to \(epochs - 1), found \(epoch)")
    }
    return phase
  }

  /// T of the pairs in an epoch: 1 outside of the topology search.
  public func temperature(_ epoch: Int) -> Double {
    guard phase(epoch) == .topologySearch else { return 1 }
    let own = range(.topologySearch)
    return annealedTemperature(
      epoch: epoch - own.lowerBound, of: own.count, from: firstTemperature, to: lastTemperature)
  }

  /// The first epoch of the new network.
  public var change: Int { range(.topologyTraining).lowerBound }
}
