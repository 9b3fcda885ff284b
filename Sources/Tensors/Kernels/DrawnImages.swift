/// The images of a map as a convolution reads them: in place, or drawn on a canvas one at a time.
///
/// An image is drawn if it needs a border or is not stored as it is read.
final class DrawnImages {
  /// [N, H, W, C] of the map.
  let shape: Shape
  private let map: LazyMap
  private let reader: LazyMapReader
  private let canvas: Canvas
  private let isDrawn: Bool

  private init(_ map: LazyMap, _ canvas: Canvas, hasBorder: Bool) {
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

  /// Memory for one image at a time; the border stays zero.
  func scratch() -> Storage? { isDrawn ? canvas.blank() : nil }

  /// Image `n` with its border, on `scratch` if it has to be drawn; valid as long as that and the map.
  func image(_ n: Int, on scratch: Storage?) -> UnsafePointer<Scalar> {
    let pixel = n * shape.height * shape.width
    guard let scratch, isDrawn else {
      guard let address = reader.address(ofPixel: pixel) else {
        preconditionFailure("an image that is not stored needs scratch")
      }
      return address
    }
    canvas.draw(reader, image: n, height: shape.height, width: shape.width, on: scratch.base)
    return UnsafePointer(scratch.base)
  }
}
