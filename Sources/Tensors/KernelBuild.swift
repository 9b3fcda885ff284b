/// What the kernels were built for: precision and tile size, which decide the last bits of a result.
public var kernelBuild: String {
  "\(Scalar.self), tiles of \(Column.rows) x \(vectorsPerTile * lanes)"
}
