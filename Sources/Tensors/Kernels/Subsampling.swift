/// Every second pixel of every second row: x [N, H, W, C]; y [N, H / 2, W / 2, C].
///
/// A 1x1 convolution of stride 2 is one of stride 1 on what this leaves.
public enum Subsampling {
  /// y[i, j] = x[2 i + offset, 2 j + offset]; H and W are even, `offset` is 0 or 1.
  public static func forward(_ x: Tensor, offset: Int) -> Tensor {
    let shape = x.shape
    var y = Tensor(uninitialized: outputShape(shape, offset))
    let (source, target, width) = (x.pointer, y.mutablePointer, shape.channels)
    parallelFor(shape.images) { n in
      forEachPixel(of: n, shape, offset) { from, to in
        copyScalars(source + from * width, to: target + to * width, count: width)
      }
    }
    return y
  }

  /// The gradient with respect to x of `shape`: pixels that were left out get 0.
  public static func inputGradient(_ gradient: Tensor, shape: Shape, offset: Int) -> Tensor {
    Share(gradient: gradient, shape: shape, offset: offset).alone(of: shape)
  }

  /// The gradient of a map of which every second pixel was taken, as a share of it.
  package struct Share: MapShare {
    private let gradient: Tensor
    private let shape: Shape
    private let offset: Int

    /// The gradient with respect to x of `shape`.
    package init(gradient: Tensor, shape: Shape, offset: Int) {
      precondition(
        gradient.shape == outputShape(shape, offset),
        "a gradient of shape \(gradient.shape) does not belong to every second pixel of \(shape)")
      (self.gradient, self.shape, self.offset) = (gradient, shape, offset)
    }

    package func add(
      _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      let (source, size, width) = (gradient.pointer, shape.imageSize, shape.channels)
      for n in images {
        if !accumulating { (target + n * size).update(repeating: 0, count: size) }
        forEachPixel(of: n, shape, offset) { from, to in
          addScalars(source + to * width, to: target + from * width, count: width)
        }
      }
    }
  }

  private static func outputShape(_ shape: Shape, _ offset: Int) -> Shape {
    precondition(
      shape.height % 2 == 0 && shape.width % 2 == 0 && 0...1 ~= offset,
      "every second pixel needs even height and width and an offset of 0 or 1, found \(shape), \(offset)"
    )
    return [shape.images, shape.height / 2, shape.width / 2, shape.channels]
  }

  /// Calls `body(pixel of x, pixel of y)` for every pixel of image `n` of y.
  private static func forEachPixel(
    of n: Int, _ shape: Shape, _ offset: Int, _ body: (Int, Int) -> Void
  ) {
    let (height, width) = (shape.height / 2, shape.width / 2)
    for i in 0..<height {
      let row = (n * shape.height + 2 * i + offset) * shape.width + offset
      for j in 0..<width { body(row + 2 * j, (n * height + i) * width + j) }
    }
  }
}

extension Naive {
  /// The twin of `Subsampling.forward`.
  public static func subsampling(_ x: Tensor, offset: Int) -> Tensor {
    let s = x.shape
    var y = Tensor.zeros([s.images, s.height / 2, s.width / 2, s.channels])
    for n in 0..<s.images {
      for i in 0..<s.height / 2 {
        for j in 0..<s.width / 2 {
          for c in 0..<s.channels { y[n, i, j, c] = x[n, 2 * i + offset, 2 * j + offset, c] }
        }
      }
    }
    return y
  }
}
