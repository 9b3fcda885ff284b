/// The images of a map as a convolution reads them: in place, or drawn on canvases, a few at a time.
///
/// An image is drawn if it needs a border or is not stored as it is read.
final class DrawnImages {
  /// [N, H, W, C] of the map.
  let shape: Shape
  private let map: LazyMap
  private let reader: LazyMapReader
  private let canvas: Canvas
  private let isDrawn: Bool
  /// Whether canvases are whole tiles, for Winograd.
  let isTiled: Bool

  private init(_ map: LazyMap, _ canvas: Canvas, hasBorder: Bool, isTiled: Bool = false) {
    self.isTiled = isTiled
    shape = map.shape
    self.map = map
    reader = LazyMapReader(map)
    self.canvas = canvas
    isDrawn = hasBorder || reader.address(ofPixel: 0) == nil
  }

  /// Inputs inside the border that `window` needs.
  static func input(_ x: LazyMap, _ window: Window) -> DrawnImages {
    let canvas = Canvas.input(
      window, height: x.shape.height, width: x.shape.width, channels: x.shape.channels)
    return DrawnImages(x, canvas, hasBorder: window.padding > 0)
  }

  /// Output gradients, spread out so that the flipped window yields the gradient of an input of `shape`.
  static func gradient(_ g: LazyMap, _ window: Window, of shape: Shape) -> DrawnImages {
    let canvas = Canvas.gradient(
      window, height: shape.height, width: shape.width, channels: g.shape.channels)
    return DrawnImages(g, canvas, hasBorder: window.kernel > 1 || window.stride > 1)
  }

  /// Inputs, or output gradients, of a 3x3 window inside their border, on whole tiles.
  static func tiled(_ map: LazyMap) -> DrawnImages {
    let canvas = Canvas.tiled(
      height: map.shape.height, width: map.shape.width, channels: map.shape.channels)
    return DrawnImages(map, canvas, hasBorder: true, isTiled: true)
  }

  /// Images without a border.
  static func inPlace(_ map: LazyMap) -> DrawnImages { input(map, Window(1)) }

  /// The first pixel of an image, and the distances between its lines and its pixels.
  var steps: (origin: Int, line: Int, pixel: Int) {
    isDrawn
      ? (
        canvas.origin * (canvas.lineStep + canvas.channels), canvas.spread * canvas.lineStep,
        canvas.spread * canvas.channels
      ) : (0, shape.width * shape.channels, shape.channels)
  }

  /// The convolution by `window` that yields maps of shape `result`.
  func correlation(_ window: Window, _ result: Shape) -> Correlation {
    Correlation(
      window, outputHeight: result.height, outputWidth: result.width, outputs: result.channels,
      channels: shape.channels, sourceLine: isDrawn ? canvas.lineStep : steps.line)
  }

  /// Scalars from one of several images to the next.
  var imageStep: Int { isDrawn ? canvas.size : shape.imageSize }

  /// Memory for `count` images at a time; their borders stay zero.
  func scratch(_ count: Int = 1) -> Storage? { isDrawn ? canvas.blank(count) : nil }

  /// Image `n` with its border, on `scratch` if it has to be drawn; valid as long as that and the map.
  func image(_ n: Int, on scratch: Storage?) -> UnsafePointer<Scalar> {
    images(n..<n + 1, on: scratch)
  }

  /// Several images, one after the other, each as `image` returns it.
  func images(_ range: Range<Int>, on scratch: Storage?) -> UnsafePointer<Scalar> {
    guard let scratch, isDrawn else {
      guard let address = reader.address(ofPixel: range.lowerBound * shape.height * shape.width)
      else { preconditionFailure("an image that is not stored needs scratch") }
      return address
    }
    var base = scratch.base
    for n in range {
      canvas.draw(reader, image: n, height: shape.height, width: shape.width, on: base)
      base += canvas.size
    }
    return UnsafePointer(scratch.base)
  }
}
