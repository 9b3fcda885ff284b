/// A map that is computed where it is read: a sum of stored maps, each scaled channel by channel.
///
///     z[p, c] = shift[c] + sum over terms of scale[c] x[p, c]        or max(z, 0)
///
/// The result of a batch norm, a ReLU after it, and the gradient of a batch norm have this form. A kernel
/// that works image by image evaluates it into its scratch, which stays in the cache.
public struct LazyMap {
  /// The maps [N, H, W, C] with their scales [C]; at least one.
  public let terms: [ChannelwiseSum.Term]
  /// What is added to each channel, [C]; nil is 0.
  public let shift: Tensor?
  /// Whether the map is max(z, 0).
  public let isRectified: Bool

  /// A sum of scaled maps of one shape.
  public init(_ terms: [ChannelwiseSum.Term], shift: Tensor? = nil, afterReLU: Bool = false) {
    precondition(!terms.isEmpty, "a sum of no maps has no shape")
    for term in terms { expectSameShape(term.x, terms[0].x, "terms of a sum") }
    precondition(
      shift.map { $0.shape == [terms[0].x.shape.channels] } ?? true,
      "a shift of shape \(shift?.shape ?? []) does not fit the channels of \(terms[0].x.shape)")
    self.terms = terms
    self.shift = shift
    isRectified = afterReLU
  }

  /// A stored map, or max(x, 0).
  public init(_ x: Tensor, afterReLU: Bool = false) {
    self.init([.init(x, scale: 1)], afterReLU: afterReLU)
  }

  /// The shape of every term.
  public var shape: Shape { terms[0].x.shape }

  /// The stored map, if there is nothing to compute.
  public var stored: Tensor? {
    let isStored =
      terms.count == 1 && shift == nil && !isRectified
      && terms[0].scale.withScalars { $0.allSatisfy { $0 == 1 } }
    return isStored ? terms[0].x : nil
  }

  /// The map, stored.
  public func evaluated() -> Tensor {
    if let stored { return stored }
    let y = ChannelwiseSum.forward(terms, shift: shift)
    return isRectified ? y.relu() : y
  }
}

/// The addresses of what a lazy map reads, for the loops of a kernel.
///
/// They are valid while the map lives.
struct LazyMapReader {
  /// Scalars a pixel.
  let channels: Int
  private let terms: [ChannelwiseSum.Source]
  private let shift: Tensor
  private let isRectified: Bool
  /// Where the map is stored, if there is nothing to compute but perhaps the ReLU.
  private let plain: UnsafePointer<Scalar>?

  init(_ map: LazyMap) {
    channels = map.shape.channels
    terms = map.terms.map(ChannelwiseSum.Source.init)
    shift = map.shift ?? .zeros([map.shape.channels])
    isRectified = map.isRectified
    plain = LazyMap(map.terms, shift: map.shift).stored?.pointer
  }

  /// A map stored at `base`, `channels` scalars a pixel.
  init(storedAt base: UnsafePointer<Scalar>, channels: Int) {
    self.channels = channels
    (terms, shift, isRectified, plain) = ([], .zeros([0]), false, base)
  }

  /// Where the pixels from `pixel` on are stored as they are.
  func address(ofPixel pixel: Int) -> UnsafePointer<Scalar>? {
    isRectified ? nil : plain.map { $0 + pixel * channels }
  }

  /// Memory for an image of a map of `shape`; nil if the map is stored as it is.
  func scratch(_ shape: Shape) -> Storage? {
    address(ofPixel: 0) == nil ? Storage(count: shape.imageSize + lanes) : nil
  }

  /// Image `n` of a map of `shape`, its pixels one after the other: in place, or evaluated on `scratch`.
  func image(_ n: Int, of shape: Shape, on scratch: Storage?) -> UnsafePointer<Scalar> {
    let pixels = shape.height * shape.width
    guard let scratch else {
      guard let stored = address(ofPixel: n * pixels) else {
        preconditionFailure("a map that is not stored needs scratch")
      }
      return stored
    }
    read(
      pixel: n * pixels, count: pixels, first: 0, width: channels, to: scratch.base, step: channels)
    return UnsafePointer(scratch.base)
  }

  /// Writes `count` pixels from `pixel` on, `width` of their channels from `first` on, to places `step` apart.
  ///
  /// A width that is a multiple of sixteen may reach past the last channel: those lanes hold anything.
  func read(
    pixel: Int, count: Int, first: Int, width: Int, to target: UnsafeMutablePointer<Scalar>,
    step: Int
  ) {
    let offset = pixel * channels + first
    if let plain {
      copy(plain + offset, count, width, to: target, step: step)
    } else {
      let sum = ChannelwiseSum.Run(
        pixels: count, channels: width, sourceStep: channels, targetStep: step)
      sum.evaluate(
        terms, offset: offset, first: first, shift: shift.pointer, into: target, accumulating: false
      )
      if isRectified { rectify(target, count, width, step: step) }
    }
  }

  private func copy(
    _ source: UnsafePointer<Scalar>, _ count: Int, _ width: Int,
    to target: UnsafeMutablePointer<Scalar>, step: Int
  ) {
    isRectified
      ? copy(source, count, width, to: target, step: step) { relu($0) }
      : copy(source, count, width, to: target, step: step) { $0 }
  }

  @inline(__always)
  private func copy(
    _ source: UnsafePointer<Scalar>, _ count: Int, _ width: Int,
    to target: UnsafeMutablePointer<Scalar>, step: Int, _ transform: (Vector) -> Vector
  ) {
    if width == channels && step == channels {
      let total = count * width
      let whole = total / lanes * lanes
      var i = 0
      while i < whole {
        store(transform(load(source + i)), target + i)
        i += lanes
      }
      if i < total { store(transform(load(source + i)), target + i, count: total - i) }
      return
    }
    for c in stride(from: 0, to: width, by: lanes) {
      let valid = width - c
      var (x, y) = (source + c, target + c)
      if valid >= lanes {
        for _ in 0..<count {
          store(transform(load(x)), y)
          x += channels
          y += step
        }
      } else {
        for _ in 0..<count {
          store(transform(load(x)), y, count: valid)
          x += channels
          y += step
        }
      }
    }
  }

  private func rectify(
    _ target: UnsafeMutablePointer<Scalar>, _ count: Int, _ width: Int, step: Int
  ) {
    for c in stride(from: 0, to: width, by: lanes) {
      for p in 0..<count {
        let to = target + p * step + c
        store(relu(load(to)), to, count: width - c)
      }
    }
  }
}
