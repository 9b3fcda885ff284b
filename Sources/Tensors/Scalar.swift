/// The number type of every tensor: `Float`, or `Double` under the package trait `DoublePrecision`.
///
/// A concrete type on purpose: a public generic tensor is many times slower across modules.
#if DoublePrecision
  public typealias Scalar = Double
#else
  public typealias Scalar = Float
#endif
