/// A search whose unit of work consists of steps that follow each other, whatever comes after them.
///
/// The loop over the steps is the same for all: each is timed, counted in the progress and reported, and a number that is
/// not finite is reported with its place.
protocol SteppedSearch: Search {
  /// How far the search is; a unit counts itself as done.
  var progress: SearchProgress { get set }
}

extension SteppedSearch {
  /// Takes the steps that are left of this unit, which has `count` in all.
  ///
  /// - Parameters:
  ///   - count: the steps of the unit, those done before an interruption among them.
  ///   - report: receives each step, when the state is the one after it.
  ///   - step: takes the step of an index, counted from 0; returns its loss and right answers.
  /// - Throws: `SearchError.nonFinite` where a step meets such a number, and what `report` throws.
  func takeSteps(
    _ count: Int, _ report: (SearchEvent<Report>) throws -> Void,
    _ step: (Int) throws(NonFinite) -> (loss: Double, correct: Int)
  ) throws {
    let (unit, clock) = (progress.units, ContinuousClock())
    for index in progress.steps..<count {
      let start = clock.now
      let result: (loss: Double, correct: Int)
      do { result = try step(index) } catch { throw error.located(unit, index) }
      progress.add(result, seconds: (clock.now - start).seconds)
      try report(.step(unit: unit + 1, step: index + 1, steps: count, loss: result.loss))
    }
  }

  /// Throws if the loss of the evaluation after the `count` steps of this unit is not a finite number.
  func checkEvaluation(_ loss: Double, afterSteps count: Int) throws(SearchError) {
    do { try NonFinite.check(loss, "evaluation") } catch {
      throw error.located(progress.units, count - 1)
    }
  }
}

extension NonFinite {
  /// The error with its place; unit and step are counted from 0.
  fileprivate func located(_ unit: Int, _ step: Int) -> SearchError {
    .nonFinite(epoch: unit + 1, step: step + 1, which: which)
  }
}

extension Duration {
  /// The duration in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
