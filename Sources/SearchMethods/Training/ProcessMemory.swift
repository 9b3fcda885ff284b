import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Memory of this process, as the operating system counts it.
public enum ProcessMemory {
  /// The most resident memory so far, in bytes.
  public static var peakBytes: Int {
    #if os(Linux)
      // ru_maxrss would start at the size of the process that launched this one: it outlives exec.
      if let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8),
        let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
        let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
          Int($0)
        })
      {
        return kibibytes * 1024
      }
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
}
