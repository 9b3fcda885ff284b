import Foundation

/// The reason why this program cannot run on this CPU, if there is one.
///
/// This file is built for any CPU; the kernels may be built for the one of the machine that compiled
/// them, and would end in an illegal instruction elsewhere.
func missingCPUFeature() -> String? {
  #if TOPONAS_AVX512
    let info = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    if info.contains("flags") && !info.contains(" avx512f") {
      return """
        this program was built for a CPU with AVX-512, which this one has not
        Hint: build it here, or for any CPU with TOPONAS_PORTABLE=1 swift build -c release
        """
    }
  #endif
  return nil
}
