// Moving channels about, and the mean over an image.

extension Tensor {
  /// The channels of several maps one after the other: [N, H, W, C1], [N, H, W, C2] to [N, H, W, C1 + C2].
  public static func concatenatingChannels(_ parts: [Tensor]) -> Tensor {
    precondition(!parts.isEmpty, "concatenation needs at least one tensor")
    let outer = Array(parts[0].shape.extents.dropLast())
    for part in parts {
      precondition(
        Array(part.shape.extents.dropLast()) == outer,
        "channels of \(parts[0].shape) and \(part.shape) cannot be concatenated")
    }
    let channels = parts.reduce(0) { $0 + $1.shape.channels }
    var result = Tensor(uninitialized: Shape(outer + [channels]))
    let target = result.mutablePointer
    let sources = parts.map { (pointer: $0.pointer, width: $0.shape.channels) }
    parallelRanges(result.shape.pixels, size: 1024) { pixels in
      for p in pixels {
        var to = target + p * channels
        for (source, width) in sources {
          copyScalars(source + p * width, to: to, count: width)
          to += width
        }
      }
    }
    return result
  }

  /// The channels in `range`: [N, H, W, C] to [N, H, W, range.count].
  public func channels(_ range: Range<Int>) -> Tensor {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= shape.channels,
      "channels \(range) are not in shape \(shape)")
    var result = Tensor(uninitialized: Shape(shape.extents.dropLast() + [range.count]))
    let (source, target, channels) = (pointer, result.mutablePointer, shape.channels)
    parallelRanges(shape.pixels, size: 4096) { pixels in
      for p in pixels {
        copyScalars(
          source + p * channels + range.lowerBound, to: target + p * range.count,
          count: range.count)
      }
    }
    return result
  }
}

/// The mean over height and width: x [N, H, W, C]; y [N, C].
public enum GlobalAverage {
  /// The mean of each channel of each image.
  public static func forward(_ x: Tensor) -> Tensor {
    var y = Tensor.zeros([x.shape.images, x.shape.channels])
    let (channels, pixels) = (x.shape.channels, x.shape.height * x.shape.width)
    precondition(pixels > 0, "the mean of an image needs at least one pixel, found \(x.shape)")
    let (source, target) = (x.pointer, y.mutablePointer)
    parallelFor(x.shape.images) { n in
      for c in stride(from: 0, to: channels, by: lanes) {
        var total = Vector.zero
        for p in 0..<pixels { total = add(total, load(source + (n * pixels + p) * channels + c)) }
        let mean = multiply(total, splat(1 / Scalar(pixels)))
        store(mean, target + n * channels + c, count: channels - c)
      }
    }
    return y
  }

  /// The gradient with respect to x of `shape`: every pixel gets `gradient` [N, C] / (H W).
  public static func inputGradient(_ gradient: Tensor, shape: Shape) -> Tensor {
    precondition(
      gradient.shape == [shape.images, shape.channels],
      "a gradient of shape \(gradient.shape) does not belong to the mean of \(shape)")
    var dx = Tensor(uninitialized: shape)
    let (channels, pixels) = (shape.channels, shape.height * shape.width)
    let (source, target) = (gradient.pointer, dx.mutablePointer)
    parallelFor(shape.images) { n in
      for p in 0..<pixels {
        scale(
          source + n * channels, by: 1 / Scalar(pixels),
          into: target + (n * pixels + p) * channels, count: channels)
      }
    }
    return dx
  }
}

extension Naive {
  /// The twin of `GlobalAverage.forward`.
  public static func globalAverage(_ x: Tensor) -> Tensor {
    var y = Tensor.zeros([x.shape.images, x.shape.channels])
    let (channels, pixels) = (x.shape.channels, x.shape.height * x.shape.width)
    for i in 0..<x.shape.count {
      y[i / (pixels * channels) * channels + i % channels] += x[i] / Scalar(pixels)
    }
    return y
  }
}

/// Some neighboring channels of a map [N, H, W, C], as a share of a map that has these channels alone.
package struct ChannelSlice: MapShare {
  /// The shape of the map with these channels.
  package let shape: Shape
  private let map: Tensor
  private let first: Int

  /// The channels of `map` in `range`.
  package init(of map: Tensor, _ range: Range<Int>) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= map.shape.channels,
      "channels \(range) are not in shape \(map.shape)")
    shape = [map.shape.images, map.shape.height, map.shape.width, range.count]
    (self.map, first) = (map, range.lowerBound)
  }

  package func add(
    _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
  ) {
    let (pixels, width) = (shape.height * shape.width, shape.channels)
    let source = map.pointer + first
    for pixel in images.lowerBound * pixels..<images.upperBound * pixels {
      let (from, to) = (source + pixel * map.shape.channels, target + pixel * width)
      if accumulating {
        addScalars(from, to: to, count: width)
      } else {
        copyScalars(from, to: to, count: width)
      }
    }
  }
}

/// Copies `count` scalars: few, so that the call of a library would take longer than to move them.
@inline(__always)
func copyScalars(
  _ source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int
) {
  for c in stride(from: 0, to: count, by: lanes) {
    store(load(source + c), target + c, count: count - c)
  }
}

/// Adds the `count` scalars at `source` to those at `target`.
@inline(__always)
func addScalars(
  _ source: UnsafePointer<Scalar>, to target: UnsafeMutablePointer<Scalar>, count: Int
) {
  for c in stride(from: 0, to: count, by: lanes) {
    let sum = add(load(target + c, count: count - c), load(source + c, count: count - c))
    store(sum, target + c, count: count - c)
  }
}
