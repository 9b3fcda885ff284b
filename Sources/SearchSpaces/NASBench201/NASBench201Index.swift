// The numbers of the cells in the benchmark.
extension NASBench201Genotype {
  /// The cell with this number in the benchmark, in 0 ..< 15,625.
  ///
  /// The benchmark's program has put all cells, in the order of `ordinal`, into a random order, with the seed 88
  /// [published: D-X-Y/AutoDL-Projects].
  public init(index: Int) {
    precondition(0..<Self.count ~= index, "there are \(Self.count) cells, found index \(index)")
    self.init(ordinal: ordinals[index])
  }

  /// The number of the cell in the benchmark: `arch_index`.
  public var index: Int { indices[ordinal] }
}

/// The places among all cells, in the order of the benchmark.
private let ordinals: [Int] = {
  var generator = MersenneTwister(seed: 88)
  return generator.shuffled(Array(0..<NASBench201Genotype.count))
}()

/// The numbers in the benchmark, in the order of the places.
private let indices: [Int] = {
  var indices = [Int](repeating: 0, count: ordinals.count)
  for (index, ordinal) in ordinals.enumerated() { indices[ordinal] = index }
  return indices
}()
