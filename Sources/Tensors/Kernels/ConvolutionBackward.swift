extension Convolution {
  /// The backward pass: the gradient of x, and on the way those of kernels.
  ///
  /// The gradient of y is evaluated once for all of them, image by image, in the cache.
  package struct Backward {
    private let gradient: DrawnImages
    private let inputs: InputGradient
    private let weights: [WeightGradient]
    private let products: ImageProducts?

    /// Prepares the pass for the `gradient` of y; x has `shape`.
    ///
    /// - Parameters:
    ///   - gradient: that with respect to y.
    ///   - w: the kernel.
    ///   - window: the window.
    ///   - shape: the extents of x.
    ///   - mask: x, if it went through a ReLU: the result is 0 wherever x was not positive.
    ///   - weightsOf: x, if kernels need a gradient, with the window of each of them.
    ///   - y: a map whose product with the gradient is wanted.
    package init(
      _ gradient: LazyMap, _ w: Tensor, _ window: Window, of shape: Shape, mask: Tensor?,
      weightsOf: (x: Tensor, windows: [Window])? = nil, productWith y: Tensor? = nil
    ) {
      checkGradient(gradient.shape, of: shape, checkedOutputs(shape, w.shape, window), window)
      let gradient = DrawnImages.gradient(gradient, window, of: shape)
      self.gradient = gradient
      inputs = InputGradient(gradient, w, window, shape: shape, mask: mask)
      weights =
        weightsOf.map { input in
          input.windows.map { WeightGradient(input.x, gradient, $0, afterReLU: mask != nil) }
        } ?? []
      products = y.map { ImageProducts($0, gradient) }
    }

    /// Computes the gradient of x, which is added to `total` if `accumulating`, and written there otherwise.
    package func run(
      into total: inout Tensor, accumulating: Bool, file: StaticString = #fileID,
      function: StaticString = #function
    ) {
      let (target, count) = (total.mutablePointer, total.shape.images)
      let size = imagesPerTask(count)
      parallelRanges(count, size: size, file: file, function: function) { images in
        let (scratch, tasks) = (gradient.scratch(), weights.map { $0.task(images) })
        for n in images {
          let g = gradient.image(n, on: scratch)
          for (part, task) in zip(weights, tasks) { part.add(n, g, task) }
          inputs.run(n, g, into: target, accumulating)
          products?.add(n, g)
        }
      }
    }

    /// The gradients of the kernels [O, k, k, I], when it has run.
    package var weightGradients: [Tensor] { weights.map(\.total) }

    /// The sum of y times its gradient, when it has run.
    package var product: Double { products?.total ?? 0 }
  }

  /// The gradient of the input: a convolution of the gradient with the flipped kernel.
  private struct InputGradient {
    private let shape: Shape
    private let mask: Tensor?
    private let correlation: Correlation
    private let packed: Storage

    init(
      _ gradient: DrawnImages, _ w: Tensor, _ window: Window, shape: Shape, mask: Tensor?
    ) {
      self.shape = shape
      self.mask = mask
      correlation = gradient.correlation(Window(window.kernel, dilation: window.dilation), shape)
      let flipped = flippedAndTransposed(w)
      packed = withExtendedLifetime(flipped) { [correlation] in
        correlation.packed(flipped.pointer)
      }
    }

    func run(
      _ n: Int, _ gradient: UnsafePointer<Scalar>, into target: UnsafeMutablePointer<Scalar>,
      _ accumulating: Bool
    ) {
      let offset = n * shape.imageSize
      correlation.run(
        gradient, packed,
        into: .init(
          base: target + offset, mask: mask.map { $0.pointer + offset }, accumulates: accumulating))
    }
  }

  /// The gradient of the weights: partial sums, one a task.
  struct WeightGradient {
    private let input: DrawnImages
    private let shape: Shape
    private let correlation: Correlation
    private let steps: (origin: Int, line: Int, pixel: Int)
    private let size: Int
    private let parts: [Storage]

    init(_ x: Tensor, _ gradient: DrawnImages, _ window: Window, afterReLU: Bool) {
      input = .input(LazyMap(x, afterReLU: afterReLU), window)
      let y = gradient.shape
      shape = [y.channels, window.kernel, window.kernel, x.shape.channels]
      let correlation = input.correlation(window, y)
      self.correlation = correlation
      steps = gradient.steps
      size = imagesPerTask(x.shape.images)
      parts = (0..<(x.shape.images + size - 1) / size).map { _ in
        correlation.weightGradientStorage()
      }
    }

    /// The sums of a task, and memory for one image.
    struct Task {
      let sums: Storage
      let canvas: Storage?
    }

    /// Begins the sums over `images`, those of one task.
    func task(_ images: Range<Int>) -> Task {
      let sums = parts[images.lowerBound / size]
      correlation.clearWeightGradient(sums)
      return Task(sums: sums, canvas: input.scratch())
    }

    /// Adds the share of image `n`.
    func add(_ n: Int, _ gradient: UnsafePointer<Scalar>, _ task: Task) {
      correlation.accumulateWeightGradient(
        input.image(n, on: task.canvas),
        .init(base: gradient + steps.origin, lineStep: steps.line, pixelStep: steps.pixel),
        into: task.sums)
    }

    /// The sum over all tasks, [O, k, k, I].
    var total: Tensor {
      var w = Tensor(uninitialized: shape)
      correlation.weightGradient(of: parts, into: w.mutablePointer)
      return w
    }
  }

  /// The sums over each image of a map times a gradient.
  private struct ImageProducts {
    private let y: Tensor
    private let steps: (origin: Int, line: Int, pixel: Int)
    private let sums: Storage

    init(_ y: Tensor, _ gradient: DrawnImages) {
      precondition(
        y.shape == gradient.shape,
        "a map of shape \(y.shape) has no product with a gradient of \(gradient.shape)")
      self.y = y
      steps = gradient.steps
      sums = Storage(count: y.shape.images)
    }

    func add(_ n: Int, _ gradient: UnsafePointer<Scalar>) {
      let (shape, width) = (y.shape, y.shape.width)
      var total = Vector.zero
      for row in 0..<shape.height {
        for column in 0..<width {
          let g = gradient + steps.origin + row * steps.line + column * steps.pixel
          let y = y.pointer + ((n * shape.height + row) * width + column) * shape.channels
          for c in stride(from: 0, to: shape.channels, by: lanes) {
            let valid = shape.channels - c
            addProduct(&total, load(g + c, count: valid), load(y + c, count: valid))
          }
        }
      }
      sums.base[n] = sum(total)
    }

    /// The sum over all images.
    var total: Double { (0..<y.shape.images).reduce(0) { $0 + Double(sums.base[$1]) } }
  }
}
