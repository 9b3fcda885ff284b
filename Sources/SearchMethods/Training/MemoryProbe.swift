import Datasets
import NeuralNetworks
import SearchSpaces
import Tensors

/// A measurement of the memory that a search will need, before it begins.
///
/// A network of its own takes a step of the search at the real size, but on 11 images. Every buffer whose number of
/// scalars is a multiple of 11 is one of maps, and is counted as large as it will be with all images of a batch; any
/// other holds weights or numbers per channel, and is counted as it is. So the result is the peak of the whole step,
/// wherever in it that lies, although no large batch is ever computed; no model of what operations keep is needed. If
/// the size of a kernel is a multiple of 11 too, a greater prime takes its place.
///
/// A method that evaluates a sample of the operations takes several steps, and may meet a more expensive sample later.
/// A search that does not alternate weights and alpha is begun on so few images, and stopped after its first steps.
///
/// The memory is that of tensors. The process takes more: the program itself, some 25 MiB, the data set, the buffers in
/// which each thread works, and freed buffers that no later tensor has the size for.
///
/// Cost: a step on 12 images with one thread, for the published sizes one or two seconds. Nothing of it is left.
public struct MemoryProbe {
  private let settings: SearchSettings
  private let size: NetworkSize
  private let algorithm: any SearchAlgorithm
  private let imageExtent: Int
  private let limit: Int

  /// So many images, instead of a batch; 11 unless a kernel's size is a multiple of it.
  private static let primes = [11, 13, 17, 19, 23]
  /// The steps that a method takes that evaluates a sample of the operations.
  private static let samples = 16

  /// Prepares to measure a search with these settings, in a network of this size, on images of so many rows and columns.
  ///
  /// If even the measurement would take more than `limit` bytes, a lower bound above `limit` is all that is found out.
  public init(
    _ settings: SearchSettings, size: NetworkSize, method: any SearchAlgorithm = DARTS(),
    imageExtent: Int = MapSize.imageExtent, limit: Int = .max
  ) {
    (self.settings, self.size, algorithm) = (settings, size, method)
    (self.imageExtent, self.limit) = (imageExtent, limit)
  }

  /// The most bytes that tensors will hold at one time, the network that `makeNetwork` returns among them.
  public func peakBytes(of makeNetwork: () -> any Supernet) -> Int {
    defer { StoragePool.shared.releaseFreed() }
    // With one thread the same buffers live at the same time in every measurement.
    return Threads.$limit.withValue(1) {
      guard settings.batchSize > Self.primes[0] else {
        return measure(images: settings.batchSize, makeNetwork) ?? 0
      }
      for prime in Self.primes {
        if let bytes = measure(images: prime, makeNetwork) { return bytes }
      }
      return measure(images: settings.batchSize, makeNetwork) ?? 0
    }
  }

  /// The peak on a batch, measured on so many `images`; nil if weights would be taken for maps.
  private func measure(images: Int, _ makeNetwork: () -> any Supernet) -> Int? {
    let batch = settings.batchSize
    let meter = StorageMeter { scalars in
      let isMap = images < batch && scalars.isMultiple(of: images)
      return StoragePool.bytes(count: isMap ? scalars / images * batch : scalars)
    }
    return StorageMeter.$current.withValue(meter) {
      let network = makeNetwork()
      let sizes = network.parameters.map(\.value.shape.count)
      guard images == batch || !sizes.contains(where: { $0.isMultiple(of: images) }) else {
        return nil
      }
      return peakBytes(of: network, images: images, meter)
    }
  }

  private func peakBytes(of network: some Supernet, images: Int, _ meter: StorageMeter) -> Int {
    guard let method = algorithm as? any SearchMethod else {
      return firstSteps(of: network, images: images, meter)
    }
    var step = SearchStep(network, settings, method: method)
    // The optimizers remember something from the first step on; one image is enough for that.
    run(&step, images: 1)
    let gradients = network.parameters.reduce(0) {
      $0 + StoragePool.bytes(count: $1.value.shape.count)
    }
    let constant = meter.bytes + gradients
    let mapsOfOneImage = max(0, meter.peakBytes - constant)
    guard constant + images * mapsOfOneImage <= limit else {
      return constant + settings.batchSize * mapsOfOneImage
    }
    let count = step.relaxation(for: .weights).yieldsZeros ? Self.samples : 1
    for index in 1...count {
      step.moment.step = index
      run(&step, images: images)
    }
    return meter.peakBytes
  }

  /// What ends a search that is only measured.
  private struct IsMeasured: Error {}

  /// Begins a search on grey images, and ends it after two steps, for the optimizers remember something from the first
  /// one on.
  private func firstSteps(
    of network: some Supernet, images batch: Int, _ meter: StorageMeter
  ) -> Int {
    var small = settings
    (small.batchSize, small.frozenEpochs) = (batch, 0)
    // Some searches have parts that follow each other, and need more than one.
    small.epochs = max(2, small.epochs)
    let count = 5 * batch
    let images = ImageSet(
      pixels: Array(repeating: 128, count: 3 * count * imageExtent * imageExtent),
      labels: Array(repeating: 0, count: count), classNames: ["grey"],
      normalization: .cifar10, extent: imageExtent)
    var left = algorithm.samplesOperations ? Self.samples : 2
    func run(_ search: some Search) throws {
      try search.run { event in
        guard case .step = event else { return }
        left -= 1
        if left == 0 { throw IsMeasured() }
      }
    }
    let task = SearchTask(images, small, size: size, seed: RandomGenerator(seed: 1)) { _ in network
    }
    // Only its memory matters: grey images are no reason to fail.
    do { try run(algorithm.search(network, task)) } catch {}
    return meter.peakBytes
  }

  /// Takes a step on noise; only its memory matters, so that numbers that are not finite are no failure.
  private func run(_ step: inout SearchStep<some Supernet>, images: Int) {
    var generator = RandomGenerator(seed: UInt64(images))
    let batches = (0..<2).map { _ in
      Batch(
        images: .normal([images, imageExtent, imageExtent, 3], using: &generator),
        labels: Array(repeating: 0, count: images))
    }
    _ = try? step(training: batches[0], validation: batches[1])
  }
}

/// The most bytes that tensors will hold at one time in a search on `space`, in the scalar of this build: measured on a
/// few images, as ``MemoryProbe`` does.
///
/// - Parameters:
///   - space: the cells, plain or simplified.
///   - channels: C.
///   - cells: the number of cells, as the space's macro structure counts them: N, the cells in each of three stages, for
///     NAS-Bench-201; all cells for DARTS.
///   - batch: images per step.
///   - classes: how many classes.
///   - imageExtent: rows and columns of the images, which can be halved twice.
///   - method: what searches.
///   - limit: a number of bytes; above it the result is a lower bound.
/// - Returns: bytes.
public func predictedPeakBytes(
  of space: SearchSpace, channels: Int, cells: Int, batch: Int, classes: Int = 10,
  imageExtent: Int = MapSize.imageExtent, method: any SearchAlgorithm = DARTS(), limit: Int = .max
) -> Int {
  let space = method.prepare(space)
  let probe = MemoryProbe(
    SearchSettings(epochs: 1, batchSize: batch),
    size: NetworkSize(channels: channels, cells: cells), method: method, imageExtent: imageExtent,
    limit: limit)
  return probe.peakBytes {
    CellSupernet<CellGenotype>(
      space, channels: channels, cells: cells, classes: classes,
      hasAuxiliaryHead: method.usesAuxiliaryHead, seed: RandomGenerator(seed: 1))
  }
}
