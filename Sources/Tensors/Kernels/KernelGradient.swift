/// The gradient of a kernel as sums over images, one a task: directly, or by Winograd.
protocol KernelGradient {
  /// Images that are best added together.
  var group: Int { get }

  /// Begins the sums over `images`, those of one task.
  func task(_ images: Range<Int>) -> KernelGradientTask

  /// Adds the share of some images of the task, given their drawn gradients, one after the other.
  func add(_ images: Range<Int>, _ gradient: UnsafePointer<Scalar>, _ task: KernelGradientTask)

  /// Ends the sums of a task.
  func finish(_ task: KernelGradientTask)

  /// The sum over all tasks, [O, k, k, I].
  var total: Tensor { get }
}

/// The images and the sums of a task, and memory to work in.
struct KernelGradientTask {
  let images: Range<Int>
  let sums: Storage
  /// For the images of a group.
  let canvas: Storage?
  var scratch: Storage?
}

extension DrawnImages {
  /// What yields the gradient of a kernel of x, given these gradients: by Winograd if they are on its tiles.
  func kernelGradient(_ x: Tensor, _ window: Window, afterReLU: Bool) -> any KernelGradient {
    isTiled && window == Window(3)
      ? WinogradWeightGradient(x, self, afterReLU: afterReLU)
      : DirectWeightGradient(x, self, window, afterReLU: afterReLU)
  }
}

/// The gradient of the weights as the sum over the pixels.
struct DirectWeightGradient: KernelGradient {
  private let input: DrawnImages
  private let shape: Shape
  private let correlation: Correlation
  private let steps: (origin: Int, line: Int, pixel: Int)
  private let imageStep: Int
  private let size: Int
  private let parts: [Storage]

  init(_ x: Tensor, _ gradient: DrawnImages, _ window: Window, afterReLU: Bool) {
    input = .input(LazyMap(x, afterReLU: afterReLU), window)
    let y = gradient.shape
    shape = [y.channels, window.kernel, window.kernel, x.shape.channels]
    let correlation = input.correlation(window, y)
    self.correlation = correlation
    (steps, imageStep) = (gradient.steps, gradient.imageStep)
    size = imagesPerTask(x.shape.images)
    parts = (0..<(x.shape.images + size - 1) / size).map { _ in
      correlation.weightGradientStorage()
    }
  }

  var group: Int { 1 }

  func task(_ images: Range<Int>) -> KernelGradientTask {
    let sums = parts[images.lowerBound / size]
    correlation.clearWeightGradient(sums)
    return KernelGradientTask(images: images, sums: sums, canvas: input.scratch())
  }

  func add(
    _ images: Range<Int>, _ gradient: UnsafePointer<Scalar>, _ task: KernelGradientTask
  ) {
    var g = gradient + steps.origin
    for n in images {
      correlation.accumulateWeightGradient(
        input.image(n, on: task.canvas),
        .init(base: g, lineStep: steps.line, pixelStep: steps.pixel), into: task.sums)
      g += imageStep
    }
  }

  func finish(_ task: KernelGradientTask) {}

  var total: Tensor {
    var w = Tensor(uninitialized: shape)
    correlation.weightGradient(of: parts, into: w.mutablePointer)
    return w
  }
}
