/// What convolves drawn images: directly, or by Winograd.
protocol ImageCorrelation {
  /// Images that are best convolved together.
  var group: Int { get }

  /// Memory that a task works in.
  func scratch() -> Storage?

  /// Convolves `images` drawn images, at most a group, that follow each other from `source` on.
  func run(
    _ source: UnsafePointer<Scalar>, images: Int, on scratch: Storage?, into target: Destination)
}

/// A direct convolution, image by image.
struct DirectCorrelation: ImageCorrelation {
  private let correlation: Correlation
  private let kernel: Storage

  /// The convolution by w [O, k, k, I], which yields maps of shape `result`.
  init(_ images: DrawnImages, _ w: Tensor, _ window: Window, _ result: Shape) {
    correlation = images.correlation(window, result)
    kernel = correlation.packed(w)
  }

  /// The convolution of gradients by w [O, k, k, I], turned, which yields maps of shape `result` with I channels.
  init(gradients: DrawnImages, _ w: Tensor, _ window: Window, _ result: Shape) {
    correlation = gradients.correlation(window, result)
    kernel = correlation.packed(turning: w)
  }

  var group: Int { 1 }

  func scratch() -> Storage? { nil }

  func run(
    _ source: UnsafePointer<Scalar>, images: Int, on scratch: Storage?, into target: Destination
  ) {
    precondition(images == 1, "directly, images are convolved one by one, found \(images)")
    correlation.run(source, kernel, into: target)
  }
}

extension Range<Int> {
  /// Consecutive ranges that cover this one, each of `size` indices or the rest.
  func groups(of size: Int) -> LazyMapSequence<StrideTo<Int>, Range<Int>> {
    stride(from: lowerBound, to: upperBound, by: size).lazy.map {
      $0..<Swift.min($0 + size, upperBound)
    }
  }
}
