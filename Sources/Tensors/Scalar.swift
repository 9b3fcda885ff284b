#if DoublePrecision
  /// The number type of every tensor, here `Double`: the package trait `DoublePrecision` is on.
  public typealias Scalar = Double
#else
  /// The number type of every tensor: `Float`, or `Double` under the package trait `DoublePrecision`.
  ///
  /// A concrete type on purpose: a public generic tensor is many times slower across modules.
  public typealias Scalar = Float
#endif
