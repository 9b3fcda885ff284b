import Tensors

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The temperature of the sets in an epoch, which falls by one factor from epoch to epoch.
///
/// Epochs are counted from 0 within the topology search: the published one has 20, the epochs 50 to 69 of a run.
///
/// Equation: A-14 [published: guyuchao/DOTS]. T(e) = 10 r^(e - 50), r = (0.02 / 10)^(1 / 19): 10 in the first epoch, 0.02 in
/// the last.
///
/// Explained in chapter 19.
public func annealedTemperature(
  epoch: Int, of epochs: Int, from first: Double = 10, to last: Double = 0.02
) -> Double {
  precondition(
    first > 0 && last > 0, "temperatures are larger than 0, found \(first) and \(last)")
  return first * pow(last / first, Double(epoch) / Double(max(1, epochs - 1)))
}
