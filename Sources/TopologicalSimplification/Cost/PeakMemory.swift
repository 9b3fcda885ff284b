import SearchSpaces
import Tensors

/// The most bytes that tensors are predicted to hold at one time in a search on `space`, in the scalar of this
/// build.
///
/// A fold over the same paths that the supernet interprets, with the sizes of the maps that its operations
/// keep for the backward pass:
///
/// - every map that a convolution, a batch norm or a pool reads, once; so nodes and pools are kept once, not once an
///   edge, and a ReLU in front of a convolution stores nothing,
/// - the result of a batch norm, an average pool or a sum only if one of them reads it; at the end of a branch they
///   store nothing. A max pool always keeps its result,
/// - a map that is added as it is only in an alpha step, and only if its weight was not multiplied into a
///   merged kernel.
///
/// The peak is where the forward pass ends: there all of them are held, with the images, the weights, their momentum,
/// merged kernels, the gradients of the maps of the last cell, and the parts of its largest kernel's gradient, one a
/// task. In a network that is all weights it is where the backward pass ends, with all gradients of weights.
///
/// Not counted are what a kernel of the library draws an image on (some 100 KB a thread), running
/// statistics and numbers a channel. It is a model, for first-order DARTS: measured, networks of 4 to 16 channels
/// and batches of 4 to 32 took within 5 % of it, those of 16 channels and batches of 64 within 1 %.
///
/// The process takes more: the program itself, some 25 MiB, the data set, and freed buffers that no later tensor has
/// the size for. A search of 250 MiB took 50 MiB more in all.
///
/// - Parameters:
///   - space: the cells of NAS-Bench-201 or of DARTS, plain or simplified.
///   - channels: C.
///   - cells: N, the cells in each of three stages, for NAS-Bench-201; all cells for DARTS.
///   - batch: images a step.
/// - Returns: bytes.
public func predictedPeakBytes(
  of space: SearchSpace, channels: Int, cells: Int, batch: Int
) -> Int {
  let weights = supernetCost(of: space, channels: channels, cells: cells).parameters
  let bytes = weights * MemoryLayout<Scalar>.size
  let kept = SearchStep.allCases.map {
    forwardBytes(of: space, channels: channels, cells: cells, batch: batch, $0)
  }
  return 2 * bytes + max(bytes, kept.max() ?? 0)
}

/// What is held at the end of a forward pass, but for weights and momentum.
private func forwardBytes(
  of space: SearchSpace, channels: Int, cells: Int, batch: Int, _ step: SearchStep
) -> Int {
  var kept = KeptMaps(step)
  let images = kept.constant(MapSize(channels: 3, height: 32, width: 32))
  let nodes =
    (space.output == .concatenation)
    ? kept.runDARTS(space, images, channels: channels, layers: cells)
    : kept.runNASBench201(space, images, channels: channels, cellsPerStage: cells)
  let maps = kept.maps(without: images) + [images.size] + gradients(space, nodes)
  let kernels = kept.kernels + (step == .weights ? kernelGradients(space, nodes, batch) : [])
  return maps.reduce(0) { $0 + StoragePool.bytes(count: batch * $1.channels * $1.pixels) }
    + kernels.reduce(0) { $0 + StoragePool.bytes(count: $1) }
}

/// The gradients of the last cell: of its result, whole and, for DARTS, cut into nodes, and of its nodes.
private func gradients(_ space: SearchSpace, _ nodes: [KeptMaps.Map]) -> [MapSize] {
  let outputs = (space.output == .concatenation) ? nodes.count - space.inputCount : 1
  let last = nodes[nodes.count - 1].size
  return Array(repeating: last, count: outputs + nodes.count + 1)
}

/// The parts of the largest kernel's gradient, one for each of at most 16 tasks.
private func kernelGradients(
  _ space: SearchSpace, _ nodes: [KeptMaps.Map], _ batch: Int
) -> [Int] {
  let size = nodes[nodes.count - 1].size
  let largest =
    space.cells[space.cells.count - 1].operations.flatMap(\.path.modules)
    .map { cost(of: .module($0), at: size).executedWeights }.max() ?? 0
  return Array(repeating: largest, count: min(batch, 16))
}
