import Foundation

/// The seconds that processors have worked for this process so far, all of its threads together.
///
/// On a busy machine it says more of the work than the time that passed.
package func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
