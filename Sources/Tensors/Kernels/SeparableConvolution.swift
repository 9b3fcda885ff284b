/// A sum of depthwise convolutions and a pointwise convolution of it, image by image.
///
///     y = w (sum over branches of depthwise convolution of x_b by w_b)
///
/// The sum of an image is 64 KiB or less in the networks here and stays in the cache. It is not kept: the
/// gradients compute it again, which is cheaper than to write and to read it.
///
/// Shapes: x_b [N, H, W, C]; w_b [C, k, k, 1]; w [O, 1, 1, C]; y [N, H', W', O].
public enum SeparableConvolution {
  /// One depthwise convolution of the sum.
  public struct Branch {
    /// The input, perhaps normalized and rectified where it is read; one term if rectified.
    public let x: LazyMap
    /// The depthwise kernel.
    public let w: Tensor
    /// The window of the kernel.
    public let window: Window

    /// Creates a branch.
    public init(_ x: LazyMap, _ w: Tensor, _ window: Window) {
      (self.x, self.w, self.window) = (x, w, window)
    }
  }

  /// y; writes those of its images to `moments`.
  public static func forward(
    _ branches: [Branch], _ w: Tensor, moments: ChannelMoments.Sums? = nil
  ) -> Tensor {
    let sum = DepthwiseSum(branches)
    var y = Tensor(uninitialized: Shape(sum.shape.extents.dropLast() + [outputs(w, sum.shape)]))
    let correlation = pointwise(sum.shape, outputs: y.shape.channels)
    let packed = correlation.packed(w)
    let (target, imageSize) = (y.mutablePointer, y.shape.imageSize)
    parallelRanges(y.shape.images, size: imagesPerTask(y.shape.images)) { images in
      let scratch = sum.scratch()
      for n in images {
        sum.evaluate(n, scratch)
        let image = target + n * imageSize
        correlation.run(scratch.sum.base, packed, into: .init(base: image))
        moments?.set(n, to: image, pixels: correlation.height * correlation.width)
      }
    }
    withExtendedLifetime(sum) {}
    return y
  }

  /// The gradient of a branch's input.
  public struct InputGradient {
    /// The gradient with respect to what the branch convolves, in front of its ReLU.
    public var total: Tensor
    /// Whether the gradient is added to `total`, which is overwritten otherwise.
    public let accumulating: Bool

    /// Creates a place for a gradient.
    public init(_ total: Tensor, accumulating: Bool) {
      (self.total, self.accumulating) = (total, accumulating)
    }
  }

  /// The gradients of the kernels; those that nobody asked for are nil.
  public struct KernelGradients {
    /// Of each branch's, [C, k, k, 1].
    public var depthwise: [Tensor?]
    /// Of w.
    public var pointwise: Tensor?
  }

  /// The gradients, given `gradient` with respect to y.
  ///
  /// `inputs` has one place a branch, nil where the gradient is not wanted. `depthwise` tells which branches'
  /// kernels need a gradient, `isPointwiseNeeded` whether w does.
  public static func gradients(
    _ gradient: LazyMap, _ branches: [Branch], _ w: Tensor, into inputs: inout [InputGradient?],
    depthwise: [Bool], isPointwiseNeeded: Bool
  ) -> KernelGradients {
    let sum = DepthwiseSum(branches)
    checkGradient(gradient, w, sum)
    let backward = Backward(gradient, sum, w, depthwise, isPointwiseNeeded)
    let convolutions = zip(inputs, branches).map { input, branch in
      input.map { _ in TransposedConvolution(branch, sum.shape) }
    }
    let places = inputs.indices.map { branch -> Place? in
      guard let accumulating = inputs[branch]?.accumulating,
        let base = inputs[branch]?.total.mutablePointer
      else { return nil }
      return (base, accumulating)
    }
    let images = sum.shape.images
    parallelRanges(images, size: imagesPerTask(images)) { backward.run($0, convolutions, places) }
    return backward.kernels
  }

  /// The gradient of the one map that all branches read, as a share of it, and on the way those of the kernels.
  package struct Share: MapShare {
    private let backward: Backward
    private let convolutions: [TransposedConvolution]

    /// Prepares the pass for the `gradient` of y.
    ///
    /// `depthwise` tells which branches' kernels need a gradient, `isPointwiseNeeded` whether w does.
    package init(
      _ gradient: LazyMap, _ branches: [Branch], _ w: Tensor, depthwise: [Bool],
      isPointwiseNeeded: Bool
    ) {
      let sum = DepthwiseSum(branches)
      checkGradient(gradient, w, sum)
      backward = Backward(gradient, sum, w, depthwise, isPointwiseNeeded)
      convolutions = branches.map { TransposedConvolution($0, sum.shape) }
    }

    package func add(
      _ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      let places = convolutions.indices.map { (target, accumulating || $0 > 0) }
      backward.run(images, convolutions, places)
    }

    /// The gradients of the kernels, when it has run.
    package var kernels: KernelGradients { backward.kernels }
  }

  private static func checkGradient(_ gradient: LazyMap, _ w: Tensor, _ sum: DepthwiseSum) {
    precondition(
      gradient.shape.extents == sum.shape.extents.dropLast() + [outputs(w, sum.shape)],
      "a gradient of shape \(gradient.shape) does not belong to weights \(w.shape) of \(sum.shape)")
  }

  private static func outputs(_ w: Tensor, _ sum: Shape) -> Int {
    precondition(
      w.shape.rank == 4 && w.shape == [w.shape[0], 1, 1, sum.channels],
      "pointwise weights of shape \(w.shape) do not fit \(sum): expected [O, 1, 1, \(sum.channels)]"
    )
    return w.shape[0]
  }

  /// The pointwise convolution of an image of `shape`.
  private static func pointwise(_ shape: Shape, outputs: Int) -> Correlation {
    Correlation(
      Window(1), outputHeight: shape.height, outputWidth: shape.width, outputs: outputs,
      channels: shape.channels, sourceLine: shape.width * shape.channels)
  }

  /// The depthwise convolutions.
  private final class DepthwiseSum {
    let branches: [DepthwiseImages]
    /// [N, H', W', C].
    let shape: Shape

    init(_ branches: [Branch]) {
      precondition(!branches.isEmpty, "a sum of no convolutions has no shape")
      self.branches = branches.map { DepthwiseImages($0.x, $0.w, $0.window) }
      shape = self.branches[0].result
      for branch in self.branches {
        precondition(
          branch.result == shape, "convolutions of shapes \(branch.result) and \(shape) have no sum"
        )
      }
    }

    /// Memory for one image at a time.
    struct Scratch {
      let canvases: [Storage]
      let sum: Storage
    }

    func scratch() -> Scratch {
      Scratch(canvases: branches.map { $0.canvas() }, sum: Storage(count: shape.imageSize))
    }

    func draw(_ n: Int, _ scratch: Scratch) {
      for (branch, canvas) in zip(branches, scratch.canvases) { branch.draw(n, on: canvas) }
    }

    /// The sum of image `n`.
    func evaluate(_ n: Int, _ scratch: Scratch) {
      draw(n, scratch)
      for (index, branch) in branches.enumerated() {
        branch.run(scratch.canvases[index], into: scratch.sum.base, accumulating: index > 0)
      }
    }
  }

  /// Where a gradient goes, and whether it is added to what is there.
  private typealias Place = (base: UnsafeMutablePointer<Scalar>, accumulating: Bool)

  /// What leads the gradient of the sum to the input of one branch.
  private struct TransposedConvolution {
    private let convolution: DepthwiseInputGradient
    private let rectifier: Rectifier?

    init(_ branch: Branch, _ sum: Shape) {
      convolution = DepthwiseInputGradient(
        branch.w, branch.window, input: branch.x.shape, gradient: sum)
      rectifier = Rectifier(branch.x)
    }

    func canvas() -> Storage { convolution.canvas() }

    /// `gradient` is that of the sum of image `n`.
    func run(_ n: Int, _ gradient: LazyMapReader, on canvas: Storage, into place: Place) {
      convolution.run(
        gradient, 0, on: canvas, into: (place.base, n), rectifier, accumulating: place.accumulating)
    }
  }

  /// The backward pass through both convolutions.
  private struct Backward {
    private let gradient: DrawnImages
    private let sum: DepthwiseSum
    private let forward: Correlation
    private let transposed: Correlation
    private let packed: Storage
    private let isDepthwiseNeeded: [Bool]
    private let isPointwiseNeeded: Bool
    private let size: Int
    private let depthwiseParts: [[Storage]]
    private let pointwiseParts: [Storage]

    init(
      _ gradient: LazyMap, _ sum: DepthwiseSum, _ w: Tensor, _ depthwise: [Bool], _ pointwise: Bool
    ) {
      self.gradient = .inPlace(gradient)
      self.sum = sum
      let (outputs, inputs) = (w.shape[0], w.shape[3])
      let forward = SeparableConvolution.pointwise(sum.shape, outputs: outputs)
      self.forward = forward
      transposed = SeparableConvolution.pointwise(gradient.shape, outputs: inputs)
      packed = transposed.packed(turning: w)
      isDepthwiseNeeded = depthwise
      isPointwiseNeeded = pointwise
      size = imagesPerTask(sum.shape.images)
      let tasks = (sum.shape.images + size - 1) / size
      depthwiseParts = zip(sum.branches, depthwise).map {
        $1 ? $0.weightGradientStorage(tasks: tasks) : []
      }
      pointwiseParts = pointwise ? (0..<tasks).map { _ in forward.weightGradientStorage() } : []
    }

    /// Adds up the gradients of the kernels, and leads that of each branch's input to its place, where it has one.
    func run(
      _ images: Range<Int>, _ convolutions: [TransposedConvolution?], _ places: [Place?]
    ) {
      let task = images.lowerBound / size
      begin(task)
      let (scratch, drawn) = (sum.scratch(), gradient.scratch())
      let canvases = convolutions.map { $0?.canvas() }
      let (lineStep, channels) = (gradient.steps.line, gradient.steps.pixel)
      for n in images {
        let g = gradient.image(n, on: drawn)
        if isPointwiseNeeded {
          sum.evaluate(n, scratch)
          forward.accumulateWeightGradient(
            scratch.sum.base, .init(base: g, lineStep: lineStep, pixelStep: channels),
            into: pointwiseParts[task])
        } else if isDepthwiseNeeded.contains(true) {
          sum.draw(n, scratch)
        }
        // The sum is not needed any more: its gradient takes its place.
        transposed.run(g, packed, into: .init(base: scratch.sum.base))
        for (index, branch) in sum.branches.enumerated() where isDepthwiseNeeded[index] {
          branch.addWeightGradient(
            scratch.canvases[index], scratch.sum.base, to: depthwiseParts[index][task])
        }
        let reader = LazyMapReader(storedAt: scratch.sum.base, channels: sum.shape.channels)
        for (index, convolution) in convolutions.enumerated() {
          if let convolution, let canvas = canvases[index], let place = places[index] {
            convolution.run(n, reader, on: canvas, into: place)
          }
        }
      }
      withExtendedLifetime(scratch) {}
    }

    /// Zeroes the sums of a task.
    private func begin(_ task: Int) {
      if isPointwiseNeeded { forward.clearWeightGradient(pointwiseParts[task]) }
      for (branch, parts) in zip(sum.branches, depthwiseParts) where !parts.isEmpty {
        branch.clearWeightGradient(parts[task])
      }
    }

    /// The sums over all tasks.
    var kernels: KernelGradients {
      var result = KernelGradients(depthwise: [], pointwise: nil)
      result.depthwise = zip(sum.branches, depthwiseParts).map {
        $1.isEmpty ? nil : $0.weightGradient(of: $1)
      }
      if isPointwiseNeeded {
        var w = Tensor(
          uninitialized: [gradient.shape.channels, 1, 1, sum.shape.channels])
        forward.weightGradient(of: pointwiseParts, into: w.mutablePointer)
        result.pointwise = w
      }
      return result
    }
  }
}

extension Naive {
  /// The twin of `SeparableConvolution.forward`.
  public static func separableConvolution(
    _ branches: [SeparableConvolution.Branch], _ w: Tensor
  ) -> Tensor {
    let sums = branches.map { depthwiseConvolution($0.x.evaluated(), $0.w, $0.window) }
    return convolution(sums.dropFirst().reduce(sums[0], +), w, Window(1))
  }
}
