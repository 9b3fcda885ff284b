import Benchmarks

/// The reason why this program cannot run on this CPU, if there is one.
///
/// This file is built for any CPU; the kernels may be built for the one of the machine that compiled
/// them, and would end in an illegal instruction elsewhere.
func missingCPUFeature() -> String? {
  #if TOPONAS_AVX512
    let needed = ["avx512f"]
  #elseif TOPONAS_AVX2
    let needed = ["avx2", "fma"]
  #else
    let needed: [String] = []
  #endif
  let flags = processorInfo("flags")?.split(separator: " ").map(String.init)
  guard let flags, let missing = needed.first(where: { !flags.contains($0) }) else { return nil }
  return """
    this program was built for a CPU with \(missing), which this one has not
    Hint: build it here, or for any CPU with TOPONAS_PORTABLE=1 swift build -c release
    """
}
