import Tensors

/// Ten classes of shapes and textures, drawn by code from a seed: a search needs no download.
///
/// Colours, place, size, phase and noise are random and tell nothing about the class, and dark on
/// bright is as frequent as bright on dark; so no single pixel helps, and a linear classifier learns
/// little. A small convolutional network learns the classes well.
public enum SyntheticImages {
  /// Rows and columns of every image.
  public static let extent = ImageExtent.usual
  private static let imageBytes = 3 * extent * extent

  /// The ten classes in the order of their labels.
  public static let classNames = [
    "disk", "ring", "square", "frame", "triangle", "cross", "horizontal stripes",
    "vertical stripes", "diagonal stripes", "checkerboard",
  ]

  /// Draws `count` images; image i has class i modulo 10, and equal seeds give equal images.
  public static func make(count: Int, seed: UInt64) -> ImageSet {
    let root = RandomGenerator(seed: seed).stream("synthetic images")
    var pixels = [UInt8](repeating: 0, count: count * imageBytes)
    pixels.withUnsafeMutableBufferPointer { pixels in
      parallelFor(count) { index in
        var generator = root.stream("image", index)
        let bytes = index * imageBytes..<(index + 1) * imageBytes
        draw(
          label: index % 10, into: UnsafeMutableBufferPointer(rebasing: pixels[bytes]),
          using: &generator)
      }
    }
    return ImageSet(
      pixels: pixels, labels: (0..<count).map { UInt8($0 % 10) }, classNames: classNames,
      normalization: .centered, extent: extent)
  }

  /// Where and how large a figure is, in pixels.
  private struct Pose {
    let x: Scalar
    let y: Scalar
    let size: Scalar
    let period: Scalar
    let phase: Scalar

    init(using generator: inout RandomGenerator) {
      x = generator.uniform(in: 11...21)
      y = generator.uniform(in: 11...21)
      size = generator.uniform(in: 7...11)
      period = generator.uniform(in: 5...9)
      phase = generator.uniform(in: 0...9)
    }
  }

  private static func draw(
    label: Int, into image: UnsafeMutableBufferPointer<UInt8>,
    using generator: inout RandomGenerator
  ) {
    let pose = Pose(using: &generator)
    let (back, front) = colors(using: &generator)
    for y in 0..<extent {
      for x in 0..<extent {
        let color = covers(label, pose, Scalar(x), Scalar(y)) ? front : back
        for channel in 0..<3 {
          let value = color[channel] + 16 * generator.normal()
          image[(y * extent + x) * 3 + channel] = UInt8(max(0, min(255, value.rounded())))
        }
      }
    }
  }

  /// Two random colours that differ clearly in at least one channel.
  private static func colors(
    using generator: inout RandomGenerator
  ) -> (SIMD3<Scalar>, SIMD3<Scalar>) {
    while true {
      let (back, front) = (color(using: &generator), color(using: &generator))
      if (0..<3).contains(where: { abs(back[$0] - front[$0]) > 90 }) { return (back, front) }
    }
  }

  private static func color(using generator: inout RandomGenerator) -> SIMD3<Scalar> {
    var color = SIMD3<Scalar>.zero
    for channel in 0..<3 { color[channel] = generator.uniform(in: 30...225) }
    return color
  }

  /// Whether the figure of class `label` covers the pixel (x, y).
  private static func covers(_ label: Int, _ pose: Pose, _ x: Scalar, _ y: Scalar) -> Bool {
    let (dx, dy, size) = (x - pose.x, y - pose.y, pose.size)
    let radius = (dx * dx + dy * dy).squareRoot()
    let reach = max(abs(dx), abs(dy))
    switch label {
    case 0: return radius < size
    case 1: return radius < size && radius > 0.6 * size
    case 2: return reach < 0.9 * size
    case 3: return reach < 0.9 * size && reach > 0.55 * size
    case 4: return abs(dy) < size && 2 * abs(dx) < dy + size
    case 5: return reach < size && min(abs(dx), abs(dy)) < 0.3 * size
    case 6: return isOdd(y, pose)
    case 7: return isOdd(x, pose)
    case 8: return isOdd(0.7071 * (x + y), pose)
    default: return isOdd(x, pose) != isOdd(y, pose)
    }
  }

  /// Whether a coordinate lies in an odd band of half a period.
  private static func isOdd(_ coordinate: Scalar, _ pose: Pose) -> Bool {
    Int(2 * (coordinate + pose.phase) / pose.period) % 2 == 1
  }
}
