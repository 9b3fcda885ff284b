import Foundation
import Tensors

/// The bytes of memory that this process can have at most: those of the machine, or what a container, a batch system
/// or `ulimit -v` leaves to it.
package func availableMemory() -> Int {
  let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  return min(machine, ControlGroups().memoryBytes ?? Int.max, addressSpace ?? Int.max)
}

/// What the limit of `ulimit -v` leaves to tensors and images, in bytes; nil if there is none.
private var addressSpace: Int? {
  var limit = rlimit()
  #if canImport(Darwin)
    let result = getrlimit(RLIMIT_AS, &limit)
  #else
    let result = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  #endif
  guard result == 0, let bytes = Int(exactly: limit.rlim_cur) else { return nil }
  return max(0, bytes - addressSpaceInUse - StoragePool.reserveBytes)
}

/// The bytes of addresses that the program itself takes, with its libraries and stacks; 0 where that is not told.
private var addressSpaceInUse: Int {
  // Linux: sizes in pages, that of the addresses first.
  let sizes = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
  return (sizes.split(separator: " ").first.flatMap { Int($0) } ?? 0) * Int(getpagesize())
}
