/// A 3x3 convolution of drawn images by Winograd: all 36 places of the transformed tiles are matrix products.
///
///     V = B^T d B    U = G g G^T    M[t, o] = sum over i of V[t, i] U[i, o] at each place    y = A^T M A
///
/// for tiles t, input channels i, output channels o.
struct WinogradCorrelation: ImageCorrelation {
  private let tiles: WinogradTiles
  private let inputs: Int
  private let outputs: Int
  /// Pixels of a line of outputs.
  private let width: Int
  /// U, [36][outputs / 16][inputs][16], with a vector more from place to place.
  private let kernel: Storage

  private init(_ images: DrawnImages, outputs: Int) {
    tiles = WinogradTiles(images.shape)
    (inputs, self.outputs, width) = (images.shape.channels, outputs, images.shape.width)
    kernel = Storage(count: Winograd.places * (inputs * outputs + lanes))
  }

  /// The convolution by w [O, 3, 3, I] of images on whole tiles.
  init(_ images: DrawnImages, _ w: Tensor) {
    self.init(images, outputs: w.shape[0])
    let (taps, row) = (w.pointer, 9 * inputs)
    transformKernel { tap, i, o in
      var lane = Vector.zero
      for k in 0..<lanes { lane[k] = taps[(o + k) * row + tap * inputs + i] }
      return lane
    }
    withExtendedLifetime(w) {}
  }

  /// The convolution of gradients by w [O, 3, 3, I], turned: from O to I channels.
  init(gradients: DrawnImages, _ w: Tensor) {
    self.init(gradients, outputs: w.shape[3])
    let taps = w.pointer
    transformKernel { tap, i, o in load(taps + (i * 9 + 8 - tap) * outputs + o) }
    withExtendedLifetime(w) {}
  }

  /// Transforms the kernel, of which `tap` returns sixteen output channels from `o` on: those of (tap, i, o).
  @inline(__always) private func transformKernel(_ tap: (Int, Int, Int) -> Vector) {
    parallelFor(outputs / lanes) { block in
      let o = block * lanes
      for i in 0..<inputs {
        WinogradTiles.write(
          Winograd.kernel { row, column in tap(3 * row + column, i, o) },
          to: kernel.base + o * inputs + i * lanes, step: inputs * outputs + lanes)
      }
    }
  }

  // MARK: Images

  var group: Int { tiles.group }

  private var inputStep: Int { WinogradTiles.step(inputs) }
  private var outputStep: Int { WinogradTiles.step(outputs) }

  /// Memory for V and M of a block.
  func scratch() -> Storage? {
    Storage(count: WinogradTiles.block * (inputStep + outputStep))
  }

  func run(
    _ source: UnsafePointer<Scalar>, images: Int, on scratch: Storage?, into target: Destination
  ) {
    guard let scratch else { preconditionFailure("transformed tiles need scratch") }
    let v = scratch.base
    let m = v + WinogradTiles.block * inputStep
    tiles.forEachBlock(images: images) { block in
      WinogradTiles.transformInput(block, source, channels: inputs, line: tiles.canvasWidth, to: v)
      multiply(v, into: m)
      transformOutput(block, m, into: target)
    }
  }

  /// M of a block of sixteen tiles; those past the last tile hold anything, and are never read.
  private func multiply(_ v: UnsafePointer<Scalar>, into m: UnsafeMutablePointer<Scalar>) {
    let (inputStep, outputStep) = (inputStep, outputStep)
    for place in 0..<Winograd.places {
      var u = UnsafePointer(kernel.base + place * (inputs * outputs + lanes))
      for o in 0..<outputs / lanes {
        for t in stride(from: 0, to: WinogradTiles.block, by: TallColumn.rows) {
          var (x, w) = (v + t * inputStep + place * lanes, u)
          var sums = TallColumn()
          for _ in 0..<inputs / lanes {
            for i in 0..<lanes {
              sums.addProduct(TallColumn(broadcasting: x + i, stride: inputStep), load(w))
              w += lanes
            }
            x += WinogradTiles.channelBlock
          }
          let to = m + t * outputStep + o * WinogradTiles.channelBlock + place * lanes
          sums.forEachRow(stride: outputStep) { store($0, to + $1) }
        }
        u += inputs * lanes
      }
    }
  }

  /// The outputs of a block that lie inside.
  private func transformOutput(
    _ block: ArraySlice<WinogradTiles.Tile>, _ m: UnsafePointer<Scalar>, into target: Destination
  ) {
    var from = m
    for tile in block {
      for o in 0..<outputs / lanes {
        let y = Winograd.output { i, j in
          load(from + o * WinogradTiles.channelBlock + (6 * i + j) * lanes)
        }
        let first = tile.target * outputs + o * lanes
        let isWhole = tile.rows == Winograd.tile && tile.columns == Winograd.tile
        y.forEach { i, row in
          row.forEach { j, y in
            guard isWhole || i < tile.rows && j < tile.columns else { return }
            target.write(y, first + (i * width + j) * outputs, valid: lanes)
          }
        }
      }
      from += outputStep
    }
  }
}

extension WinogradTiles {
  /// V of a block of tiles of canvases of so many channels, `line` pixels wide.
  static func transformInput(
    _ block: ArraySlice<Tile>, _ source: UnsafePointer<Scalar>, channels: Int, line: Int,
    to v: UnsafeMutablePointer<Scalar>
  ) {
    var to = v
    for tile in block {
      for c in stride(from: 0, to: channels, by: lanes) {
        let d = source + tile.source * channels + c
        write(
          Winograd.input { i, j in load(d + (i * line + j) * channels) },
          to: to + c * Winograd.places)
      }
      to += step(channels)
    }
  }
}
