/// What the kernels were built for: precision and tile size, which decide the last bits of a result.
public var kernelBuild: String {
  "\(Scalar.self), tiles of \(Column.rows) x \(vectorsPerTile * lanes)"
}

/// How a program was built, as far as its speed depends on it.
public struct BuildDescription: Encodable, Sendable {
  /// The instructions that the kernels may use; `portable` is no more than every CPU of its kind has.
  public let kernels: String
  /// `release`, or `debug`, which fills fresh memory and checks more.
  public let configuration: String

  /// This build.
  public static let current = BuildDescription(kernels: instructions, configuration: optimization)

  private static var instructions: String {
    #if TOPONAS_AVX512
      "AVX-512"
    #elseif TOPONAS_AVX2
      "AVX2"
    #elseif arch(arm64)
      "NEON"
    #else
      "portable"
    #endif
  }

  private static var optimization: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}
