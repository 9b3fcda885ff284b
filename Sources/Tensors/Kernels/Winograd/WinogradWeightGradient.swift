/// The gradient of a 3x3 kernel by Winograd: the 36 places of the transformed tiles are matrix products.
///
///     V = B^T d B    N = A dy A^T    S[i, o] = sum over t of V[t, i] N[t, o] at each place    dg = G^T S G
///
/// for tiles t, input channels i, output channels o. As everywhere, each task has sums of its own.
struct WinogradWeightGradient: KernelGradient {
  private let images: DrawnImages
  private let tiles: WinogradTiles
  private let inputs: Int
  private let outputs: Int
  private let size: Int
  /// dg of each task, [O / 16][I][9][16].
  private let parts: [Storage]

  /// The gradient with respect to the kernel of x, of gradients that are drawn on whole tiles.
  init(_ x: Tensor, _ gradient: DrawnImages, afterReLU: Bool) {
    images = .tiled(LazyMap(x, afterReLU: afterReLU))
    tiles = WinogradTiles(x.shape)
    let (inputs, outputs) = (x.shape.channels, gradient.shape.channels)
    (self.inputs, self.outputs) = (inputs, outputs)
    size = imagesPerTask(x.shape.images)
    parts = (0..<(x.shape.images + size - 1) / size).map { _ in
      Storage(count: 9 * inputs * outputs)
    }
  }

  var group: Int { tiles.group }

  private var inputStep: Int { WinogradTiles.step(inputs) }
  private var outputStep: Int { WinogradTiles.step(outputs) }

  /// Begins with S of a task; V and N of a block are its scratch.
  func task(_ range: Range<Int>) -> KernelGradientTask {
    KernelGradientTask(
      images: range, sums: Storage(count: inputs * outputStep), canvas: images.scratch(group),
      scratch: Storage(count: WinogradTiles.block * (inputStep + outputStep)))
  }

  func add(
    _ range: Range<Int>, _ gradient: UnsafePointer<Scalar>, _ task: KernelGradientTask
  ) {
    guard let scratch = task.scratch else { preconditionFailure("transformed tiles need scratch") }
    let (v, n) = (scratch.base, scratch.base + WinogradTiles.block * inputStep)
    let source = images.images(range, on: task.canvas)
    var isFirst = range.lowerBound == task.images.lowerBound
    tiles.forEachBlock(images: range.count) { block in
      WinogradTiles.transformInput(block, source, channels: inputs, line: tiles.canvasWidth, to: v)
      transformGradient(block, gradient, to: n)
      multiply(v, n, tiles: block.count, into: task.sums.base, adding: !isFirst)
      isFirst = false
    }
  }

  /// N of a block; its outputs begin one pixel to the right of its inputs, and one below.
  private func transformGradient(
    _ block: ArraySlice<WinogradTiles.Tile>, _ gradient: UnsafePointer<Scalar>,
    to n: UnsafeMutablePointer<Scalar>
  ) {
    let line = tiles.canvasWidth
    var to = n
    for tile in block {
      for o in stride(from: 0, to: outputs, by: lanes) {
        let g = gradient + (tile.source + line + 1) * outputs + o
        WinogradTiles.write(
          Winograd.outputGradient { i, j in load(g + (i * line + j) * outputs) },
          to: to + o * Winograd.places)
      }
      to += outputStep
    }
  }

  /// Writes S of a block, or adds it.
  private func multiply(
    _ v: UnsafePointer<Scalar>, _ n: UnsafePointer<Scalar>, tiles: Int,
    into s: UnsafeMutablePointer<Scalar>, adding: Bool
  ) {
    let (inputStep, outputStep) = (inputStep, outputStep)
    for place in 0..<Winograd.places {
      for o in 0..<outputs / lanes {
        for i in stride(from: 0, to: inputs, by: TallColumn.rows) {
          let at = s + i * outputStep + o * WinogradTiles.channelBlock + place * lanes
          var sums = adding ? TallColumn(loading: at, stride: outputStep) : TallColumn()
          var x = v + i / lanes * WinogradTiles.channelBlock + place * lanes + i % lanes
          var g = n + o * WinogradTiles.channelBlock + place * lanes
          for _ in 0..<tiles {
            sums.addProduct(TallColumn(broadcasting: x, stride: 1), load(g))
            x += inputStep
            g += outputStep
          }
          sums.forEachRow(stride: outputStep) { store($0, at + $1) }
        }
      }
    }
  }

  /// dg of a task.
  func finish(_ task: KernelGradientTask) {
    var to = parts[task.images.lowerBound / size].base
    for o in 0..<outputs / lanes {
      for i in 0..<inputs {
        let s = task.sums.base + i * outputStep + o * WinogradTiles.channelBlock
        Winograd.kernelGradient { i, j in load(s + (6 * i + j) * lanes) }.forEach { i, row in
          row.forEach { j, g in store(g, to + (3 * i + j) * lanes) }
        }
        to += 9 * lanes
      }
    }
  }

  /// The sum over all tasks, [O, 3, 3, I].
  var total: Tensor {
    var w = Tensor(uninitialized: [outputs, 3, 3, inputs])
    let target = w.mutablePointer
    parallelFor(outputs / lanes) { block in
      for i in 0..<inputs {
        for tap in 0..<9 {
          let at = ((block * inputs + i) * 9 + tap) * lanes
          var sum = Vector.zero
          for part in parts { sum = Tensors.add(sum, load(part.base + at)) }
          let to = target + (block * lanes * 9 + tap) * inputs + i
          for k in 0..<lanes { to[k * 9 * inputs] = sum[k] }
        }
      }
    }
    return w
  }
}
