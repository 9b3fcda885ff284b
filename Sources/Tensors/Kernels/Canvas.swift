/// A copy of one image inside a border of zeros, so that a kernel can reach past the edge.
///
/// It is also where a rectifier in front of a convolution is applied, for nothing, and where the
/// gradient of a strided convolution is spread out again.
struct Canvas {
  /// Pixels of the canvas, borders included.
  let height: Int
  let width: Int
  /// Scalars a pixel.
  let channels: Int
  /// Where the first pixel of the image lies, in both directions.
  let origin: Int
  /// Distance between neighbouring pixels of the image.
  let spread: Int
  /// Pixels of the image.
  let image: (height: Int, width: Int)

  /// A canvas from which a window reads its input of `height` x `width` pixels.
  static func input(_ window: Window, height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: height + 2 * window.padding, width: width + 2 * window.padding,
      channels: channels, origin: window.padding, spread: 1, image: (height, width))
  }

  /// A canvas of output gradients on which the flipped window, with stride 1, yields the gradient of
  /// an input of `height` x `width` pixels.
  static func gradient(_ window: Window, height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: height + window.reach, width: width + window.reach,
      channels: channels, origin: window.reach - window.padding, spread: window.stride,
      image: (window.outputExtent(height), window.outputExtent(width)))
  }

  /// A canvas of one image of `height` x `width` pixels inside a border of one, on whole tiles of 4x4 pixels.
  static func tiled(height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: WinogradTiles.wholeTiles(height) + 2, width: WinogradTiles.wholeTiles(width) + 2,
      channels: channels, origin: 1, spread: 1, image: (height, width))
  }

  /// Scalars from one row to the next.
  var lineStep: Int { width * channels }

  /// Scalars of the canvas.
  var size: Int { height * lineStep }

  /// Memory for `count` canvases, zero where no image is drawn; it stays so however many are drawn one after the other.
  func blank(_ count: Int = 1) -> Storage {
    // Between the pixels of an image that is spread out there are zeros too.
    guard spread == 1 else { return Storage(zeros: count * size) }
    let canvases = Storage(count: count * size)
    for n in 0..<count { clearBorder(canvases.base + n * size) }
    return canvases
  }

  private func clearBorder(_ canvas: UnsafeMutablePointer<Scalar>) {
    func clear(_ scalars: Range<Int>) {
      (canvas + scalars.lowerBound).update(repeating: 0, count: scalars.count)
    }
    let (left, right) = (origin * channels, (origin + image.width) * channels)
    clear(0..<origin * lineStep)
    for line in origin..<origin + image.height {
      clear(line * lineStep..<line * lineStep + left)
      clear(line * lineStep + right..<(line + 1) * lineStep)
    }
    clear((origin + image.height) * lineStep..<size)
  }

  /// Draws image `n` of a map of `height` x `width` pixels: `channels` of its channels, from `first` on.
  ///
  /// If `channels` is a multiple of sixteen, lanes past the map's last channel may hold anything.
  func draw(
    _ map: LazyMapReader, image n: Int, height: Int, width: Int, first: Int = 0,
    on canvas: UnsafeMutablePointer<Scalar>
  ) {
    for y in 0..<height {
      drawLine(y, map, image: n, height: height, width: width, first: first, on: canvas)
    }
  }

  /// Draws line `y` of what `draw` draws.
  func drawLine(
    _ y: Int, _ map: LazyMapReader, image n: Int, height: Int, width: Int, first: Int = 0,
    on canvas: UnsafeMutablePointer<Scalar>
  ) {
    map.read(
      pixel: (n * height + y) * width, count: width, first: first, width: channels,
      to: canvas + (origin + y * spread) * lineStep + origin * channels, step: spread * channels)
  }
}

/// Images that one task of a kernel works through: at most 16 tasks, whatever the number of threads,
/// so that partial sums never depend on it.
func imagesPerTask(_ images: Int) -> Int { max(1, (images + 15) / 16) }
