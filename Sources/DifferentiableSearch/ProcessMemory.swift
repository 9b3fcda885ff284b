#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory of this process, as the operating system counts it.
public enum ProcessMemory {
  /// The most resident memory so far, in bytes.
  public static var peakBytes: Int {
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)  // bytes
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Int(usage.ru_maxrss) * 1024  // kilobytes
    #endif
  }
}
