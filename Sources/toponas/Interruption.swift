import Foundation
import Synchronization

/// Whether the user, or the system, has asked the program to stop.
enum Interruption {
  // Global, for a signal handler reaches nothing else.
  private static let flag = Atomic(false)

  /// Whether SIGINT or SIGTERM came since `watch`.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// From now on SIGINT and SIGTERM only ask for an end; a second SIGINT ends the process at once.
  static func watch() {
    flag.store(false, ordering: .relaxed)
    // Who started this program may have blocked them, and that is inherited.
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM] {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        // SIGTERM may come twice for one request: to all of a job, and from its parent.
        if number == SIGINT { signal(number, SIG_DFL) }
      }
      sigaddset(&signals, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }
}
