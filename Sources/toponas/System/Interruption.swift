import Foundation
import Synchronization

/// Whether the user, or the system, has asked the program to stop.
enum Interruption {
  // Global, for a signal handler reaches nothing else.
  private static let flag = Atomic(false)

  /// Whether one of `signals` came since `watch`.
  static var isRequested: Bool { flag.load(ordering: .relaxed) }

  /// What asks for an end: Ctrl-C, the system, a batch system before its limit of time, and a terminal that goes away.
  ///
  /// Not the last one if the caller of this program wants it ignored, as `nohup` does.
  static let signals = [SIGINT, SIGTERM, SIGUSR1] + (isIgnored(SIGHUP) ? [] : [SIGHUP])

  /// From now on these signals only ask for an end; a second SIGINT ends the process at once.
  static func watch() {
    flag.store(false, ordering: .relaxed)
    // Who started this program may have blocked them, and that is inherited.
    var unblocked = sigset_t()
    sigemptyset(&unblocked)
    for number in signals {
      signal(number) { number in
        Interruption.flag.store(true, ordering: .relaxed)
        // SIGTERM may come twice for one request: to all of a job, and from its parent.
        if number == SIGINT { signal(number, SIG_DFL) }
      }
      sigaddset(&unblocked, number)
    }
    pthread_sigmask(SIG_UNBLOCK, &unblocked, nil)
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    // To set it is the way to ask.
    let handler = signal(number, SIG_IGN)
    signal(number, handler)
    return unsafeBitCast(handler, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
