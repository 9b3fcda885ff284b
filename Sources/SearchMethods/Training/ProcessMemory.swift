import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory of this process, as the operating system counts it.
public enum ProcessMemory {
  /// The resident memory now, in bytes; 0 where the system does not say.
  ///
  /// Tensors that are freed stay in the pool of the process, so that after a step this is what the step took at most,
  /// without what was freed before: the buffers through which images were read do not count.
  public static var residentBytes: Int {
    #if canImport(Darwin)
      var usage = rusage_info_v2()
      let result = withUnsafeMutablePointer(to: &usage) { usage in
        usage.withMemoryRebound(to: rusage_info_t?.self, capacity: 1) {
          proc_pid_rusage(getpid(), RUSAGE_INFO_V2, $0)
        }
      }
      return result == 0 ? Int(usage.ri_resident_size) : 0
    #else
      return status("VmRSS:") ?? 0
    #endif
  }

  /// The most resident memory so far, in bytes, whatever it was needed for.
  public static var peakBytes: Int {
    #if os(Linux)
      // ru_maxrss would start at the size of the process that launched this one: it outlives exec.
      if let bytes = status("VmHWM:") { return bytes }
    #endif
    var usage = rusage()
    #if canImport(Darwin)
      getrusage(RUSAGE_SELF, &usage)
      return Int(usage.ru_maxrss)  // bytes
    #else
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
      return Int(usage.ru_maxrss) * 1024  // kilobytes
    #endif
  }

  #if os(Linux)
    /// An entry of the system's table about this process, in bytes.
    private static func status(_ key: String) -> Int? {
      let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)
      let line = status?.split(separator: "\n").first { $0.hasPrefix(key) }
      let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
      return kibibytes.flatMap { Int($0) }.map { $0 * 1024 }
    }
  #endif
}
