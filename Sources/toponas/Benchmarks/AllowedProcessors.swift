import Foundation
import Tensors

/// How many processors this process may use: less than the machine has under `taskset`, a batch system or
/// in a container.
func allowedProcessors() -> Int {
  func text(_ path: String) -> String { (try? String(contentsOfFile: path, encoding: .utf8)) ?? "" }
  // Linux: a mask of processors in hexadecimal, and a share of time as "quota period".
  let mask =
    text("/proc/self/status").split(separator: "\n")
    .first { $0.hasPrefix("Cpus_allowed:") }?.split(separator: "\t").last ?? ""
  let bits = mask.compactMap(\.hexDigitValue).reduce(0) { $0 + $1.nonzeroBitCount }
  let quota = text("/sys/fs/cgroup/cpu.max").split(whereSeparator: \.isWhitespace).compactMap {
    Double($0)
  }
  let share = quota.count == 2 ? Int((quota[0] / quota[1]).rounded(.up)) : Int.max
  return max(1, min(Threads.available, bits > 0 ? bits : Int.max, share))
}
