extension Convolution {
  /// The backward pass: the gradient of x, and on the way those of kernels.
  ///
  /// The gradient of y is evaluated once for all of them, image by image, in the cache.
  package struct Backward: MapShare {
    private let gradient: DrawnImages
    private let inputs: InputGradient
    private let weights: [any KernelGradient]
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
      let outputs = checkedOutputs(shape, w.shape, window)
      checkGradient(gradient.shape, of: shape, outputs, window)
      let isTiled = ConvolutionAlgorithm.current.usesWinograd(window, shape, outputs: outputs)
      let gradient =
        isTiled ? DrawnImages.tiled(gradient) : .gradient(gradient, window, of: shape)
      self.gradient = gradient
      inputs = InputGradient(gradient, w, window, shape: shape, mask: mask)
      weights =
        weightsOf.map { input in
          input.windows.map { gradient.kernelGradient(input.x, $0, afterReLU: mask != nil) }
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
        add(images, to: target, accumulating: accumulating)
      }
    }

    /// The share of the images of a task in the gradient of x, at `target`.
    package func add(
      _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      let (canvas, scratch) = (gradient.scratch(inputs.group), inputs.scratch())
      let tasks = weights.map { $0.task(images) }
      for group in images.groups(of: inputs.group) {
        let g = gradient.images(group, on: canvas)
        for (part, task) in zip(weights, tasks) { part.add(group, g, task) }
        inputs.run(group, g, on: scratch, into: target, accumulating)
        products?.add(group, g)
      }
      for (part, task) in zip(weights, tasks) { part.finish(task) }
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
    private let correlation: any ImageCorrelation

    init(
      _ gradient: DrawnImages, _ w: Tensor, _ window: Window, shape: Shape, mask: Tensor?
    ) {
      self.shape = shape
      self.mask = mask
      correlation =
        gradient.isTiled
        ? WinogradCorrelation(gradients: gradient, w)
        : DirectCorrelation(
          gradients: gradient, w, Window(window.kernel, dilation: window.dilation), shape)
    }

    var group: Int { correlation.group }

    func scratch() -> Storage? { correlation.scratch() }

    func run(
      _ images: Range<Int>, _ gradient: UnsafePointer<Scalar>, on scratch: Storage?,
      into target: UnsafeMutablePointer<Scalar>, _ accumulating: Bool
    ) {
      let offset = images.lowerBound * shape.imageSize
      correlation.run(
        gradient, images: images.count, on: scratch,
        into: .init(
          base: target + offset, mask: mask.map { $0.pointer + offset }, accumulates: accumulating))
    }
  }

  /// The sums over each image of a map times a gradient.
  private struct ImageProducts {
    private let y: Tensor
    private let steps: (origin: Int, line: Int, pixel: Int)
    private let imageStep: Int
    private let sums: Storage

    init(_ y: Tensor, _ gradient: DrawnImages) {
      precondition(
        y.shape == gradient.shape,
        "a map of shape \(y.shape) has no product with a gradient of \(gradient.shape)")
      self.y = y
      (steps, imageStep) = (gradient.steps, gradient.imageStep)
      sums = Storage(count: y.shape.images)
    }

    func add(_ images: Range<Int>, _ gradient: UnsafePointer<Scalar>) {
      for (place, n) in images.enumerated() { add(n, gradient + place * imageStep) }
    }

    private func add(_ n: Int, _ gradient: UnsafePointer<Scalar>) {
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
