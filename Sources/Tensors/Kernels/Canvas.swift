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

  /// A canvas from which a window reads its input of `height` x `width` pixels.
  static func input(_ window: Window, height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: height + 2 * window.padding, width: width + 2 * window.padding,
      channels: channels, origin: window.padding, spread: 1)
  }

  /// A canvas of output gradients on which the flipped window, with stride 1, yields the gradient of
  /// an input of `height` x `width` pixels.
  static func gradient(_ window: Window, height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: height + window.reach, width: width + window.reach,
      channels: channels, origin: window.reach - window.padding, spread: window.stride)
  }

  /// A canvas of one image of `height` x `width` pixels inside a border of one, on whole tiles of 4x4 pixels.
  static func tiled(height: Int, width: Int, channels: Int) -> Canvas {
    Canvas(
      height: WinogradTiles.wholeTiles(height) + 2, width: WinogradTiles.wholeTiles(width) + 2,
      channels: channels, origin: 1, spread: 1)
  }

  /// Scalars from one row to the next.
  var lineStep: Int { width * channels }

  /// Scalars of the canvas.
  var size: Int { height * lineStep }

  /// Zeroed memory for `count` canvases; borders stay zero however many images are drawn one after the other.
  func blank(_ count: Int = 1) -> Storage { Storage(zeros: count * size) }

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
