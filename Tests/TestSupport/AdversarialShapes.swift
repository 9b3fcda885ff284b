import Tensors

/// Channel counts that trouble a kernel for sixteen lanes: one, fewer, exact, one more, several blocks.
public let adversarialChannels = [1, 3, 4, 16, 17, 48]

/// Image extents that trouble tiles of eight pixels: one pixel, primes, exact.
public let adversarialExtents: [(height: Int, width: Int)] = [(1, 1), (5, 7), (8, 8), (3, 11)]

/// A tensor of reproducible normal variates.
public func sample(_ shape: Shape, _ seed: Int = 0) -> Tensor {
  var generator = RandomGenerator(seed: 17).stream("sample", seed, shape.count)
  return .normal(shape, using: &generator)
}

/// Like `sample`, with no scalar nearer to 0 than 0.05, so that kinks are not met.
public func sampleAwayFromZero(_ shape: Shape, _ seed: Int = 0) -> Tensor {
  sample(shape, seed).map { $0 + ($0 < 0 ? -0.05 : 0.05) }
}

/// A tensor of distinct numbers in random order, 0.05 apart, so that a maximum has no ties.
public func sampleWithoutTies(_ shape: Shape, _ seed: Int = 0) -> Tensor {
  var generator = RandomGenerator(seed: 17).stream("ties", seed, shape.count)
  let order = generator.permutation(shape.count)
  return Tensor(order.map { 0.05 * Scalar($0) - 1 }, shape: shape)
}
