import Foundation

/// What Linux tells of the first processor under `key`, for example `model name`.
package func processorInfo(_ key: String) -> String? {
  let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
  let line = info.split(separator: "\n").first { $0.hasPrefix(key) }
  return line?.split(separator: ":", maxSplits: 1).last?.trimmingCharacters(in: .whitespaces)
}

/// The name of this machine's CPU, as far as the system knows it.
package func processorName() -> String {
  #if canImport(Darwin)
    var size = 0
    sysctlbyname("machdep.cpu.brand_string", nil, &size, nil, 0)
    var name = [UInt8](repeating: 0, count: size)
    sysctlbyname("machdep.cpu.brand_string", &name, &size, nil, 0)
    return String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
  #else
    // Many ARM systems give no name.
    return processorInfo("model name") ?? "unknown CPU"
  #endif
}
