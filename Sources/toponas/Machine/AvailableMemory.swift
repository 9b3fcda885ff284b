import Foundation

/// The bytes of memory that this process can have at most: those of the machine, or what a container, a batch system
/// or `ulimit -v` leaves to it.
func availableMemory() -> Int {
  let machine = Int(clamping: ProcessInfo.processInfo.physicalMemory)
  return min(machine, ControlGroups().memoryBytes ?? Int.max, addressSpaceLimit ?? Int.max)
}

/// The limit of `ulimit -v`, in bytes.
private var addressSpaceLimit: Int? {
  var limit = rlimit()
  #if canImport(Darwin)
    let result = getrlimit(RLIMIT_AS, &limit)
  #else
    let result = getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit)
  #endif
  return result == 0 ? Int(clamping: limit.rlim_cur) : nil
}
