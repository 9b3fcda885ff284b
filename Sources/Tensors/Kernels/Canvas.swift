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

  /// Scalars from one row to the next.
  var lineStep: Int { width * channels }

  /// Zeroed memory; the border stays zero however many images are drawn one after the other.
  func blank() -> Storage { Storage(zeros: height * lineStep) }

  /// Draws `image`, height x width pixels of exactly `channels` scalars.
  func draw(
    _ image: UnsafePointer<Scalar>, height: Int, width: Int,
    on canvas: UnsafeMutablePointer<Scalar>,
    afterReLU: Bool = false
  ) {
    for y in 0..<height {
      let line = image + y * width * channels
      let target = canvas + (origin + y * spread) * lineStep + origin * channels
      if spread == 1 {
        copy(line, to: target, count: width * channels, afterReLU: afterReLU)
      } else {
        for x in 0..<width {
          copy(
            line + x * channels, to: target + x * spread * channels, count: channels,
            afterReLU: afterReLU)
        }
      }
    }
  }

  /// Draws one block of sixteen channels of an image whose pixels are `pixelStep` scalars apart.
  ///
  /// Lanes past the last channel hold what follows in memory: kernels never store them.
  func drawBlock(
    _ image: UnsafePointer<Scalar>, pixelStep: Int, height: Int, width: Int,
    on canvas: UnsafeMutablePointer<Scalar>, afterReLU: Bool
  ) {
    for y in 0..<height {
      var source = image + y * width * pixelStep
      var target = canvas + (origin + y * spread) * lineStep + origin * lanes
      for _ in 0..<width {
        let v = load(source)
        store(afterReLU ? Tensors.relu(v) : v, target)
        source += pixelStep
        target += spread * lanes
      }
    }
  }
}

/// Copies `count` scalars, replacing negative ones by 0 if `afterReLU`.
@inline(__always)
private func copy(
  _ source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int,
  afterReLU: Bool
) {
  var i = 0
  while i + lanes <= count {
    let v = load(source + i)
    store(afterReLU ? Tensors.relu(v) : v, target + i)
    i += lanes
  }
  if i < count {
    let v = load(source + i)
    store(afterReLU ? Tensors.relu(v) : v, target + i, count: count - i)
  }
}

/// Images that one task of a kernel works through: at most 16 tasks, whatever the number of threads,
/// so that partial sums never depend on it.
func imagesPerTask(_ images: Int) -> Int { max(1, (images + 15) / 16) }
