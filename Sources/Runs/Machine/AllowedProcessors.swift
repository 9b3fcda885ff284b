import Foundation
import Tensors

/// How many processors this process may use: less than the machine has under `taskset`, a batch system or
/// in a container.
package func allowedProcessors() -> Int {
  // Linux: a mask of processors in hexadecimal.
  let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
  let mask =
    status.split(separator: "\n").first { $0.hasPrefix("Cpus_allowed:") }?
    .split(separator: "\t").last ?? ""
  let bits = mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
  let share = ControlGroups().processors.map { Int($0.rounded(.up)) } ?? Int.max
  return max(1, min(Threads.available, bits > 0 ? bits : Int.max, share))
}
