/// A sum of several maps, each scaled channel by channel, in one pass over memory.
///
/// Batch normalization, the weighted sum of a mixed edge, the sum of a node's edges and the backward
/// pass of batch normalization all have this form.
public enum ChannelwiseSum {
  /// One summand: x [..., C] with its scale [C].
  public struct Term {
    /// The map.
    public let x: Tensor
    /// What each of its channels is multiplied by.
    public let scale: Tensor

    /// Creates a summand with a scale [C].
    public init(_ x: Tensor, scale: Tensor) {
      precondition(
        scale.shape == [x.shape.channels],
        "a scale of shape \(scale.shape) does not fit the channels of \(x.shape)")
      self.x = x
      self.scale = scale
    }

    /// Creates a summand with one scale for all channels.
    public init(_ x: Tensor, scale: Scalar) {
      self.init(x, scale: Tensor(repeating: scale, shape: [x.shape.channels]))
    }
  }

  /// y[p, c] = shift[c] + sum over terms of scale[c] x[p, c]; added to `total` if `accumulating`.
  public static func forward(
    _ terms: [Term], shift: Tensor? = nil, into total: inout Tensor, accumulating: Bool
  ) {
    let channels = total.shape.channels
    for term in terms { expectSameShape(term.x, total, "terms of a sum") }
    precondition(
      shift.map { $0.shape == [channels] } ?? true,
      "a shift of shape \(shift?.shape ?? []) does not fit the channels of \(total.shape)")
    let shift = shift ?? .zeros([channels])
    let sources = terms.map { (x: $0.x.pointer, scale: $0.scale.pointer) }
    let target = total.mutablePointer
    // A chunk of the result stays in the first-level cache while all terms are added to it.
    parallelRanges(total.shape.pixels, size: max(1, 4096 / max(1, channels))) { pixels in
      let chunk = pixels.lowerBound * channels
      let y = target + chunk
      fill(y, pixels.count, channels, with: shift.pointer, accumulating: accumulating)
      for i in stride(from: 0, to: sources.count - 1, by: 2) {
        let (a, b) = (sources[i], sources[i + 1])
        addScaled((a.x + chunk, a.scale), (b.x + chunk, b.scale), to: y, pixels.count, channels)
      }
      if sources.count % 2 == 1, let last = sources.last {
        addScaled(last.x + chunk, last.scale, to: y, pixels.count, channels)
      }
    }
  }

  /// The sum as a new tensor.
  public static func forward(_ terms: [Term], shift: Tensor? = nil) -> Tensor {
    precondition(!terms.isEmpty, "a sum of no terms has no shape")
    var y = Tensor(uninitialized: terms[0].x.shape)
    forward(terms, shift: shift, into: &y, accumulating: false)
    return y
  }

  @inline(__always)
  private static func fill(
    _ y: UnsafeMutablePointer<Scalar>, _ pixels: Int, _ channels: Int,
    with shift: UnsafePointer<Scalar>, accumulating: Bool
  ) {
    for c in stride(from: 0, to: channels, by: lanes) {
      let b = load(shift + c)
      for p in 0..<pixels {
        let to = y + p * channels + c
        store(accumulating ? add(load(to), b) : b, to, count: channels - c)
      }
    }
  }

  @inline(__always)
  private static func addScaled(
    _ x: UnsafePointer<Scalar>, _ scale: UnsafePointer<Scalar>,
    to y: UnsafeMutablePointer<Scalar>, _ pixels: Int, _ channels: Int
  ) {
    for c in stride(from: 0, to: channels, by: lanes) {
      let s = load(scale + c)
      for p in 0..<pixels {
        let at = p * channels + c
        var v = load(y + at)
        addProduct(&v, load(x + at), s)
        store(v, y + at, count: channels - c)
      }
    }
  }

  /// Two terms at a time touch y half as often.
  @inline(__always)
  private static func addScaled(
    _ a: (x: UnsafePointer<Scalar>, scale: UnsafePointer<Scalar>),
    _ b: (x: UnsafePointer<Scalar>, scale: UnsafePointer<Scalar>),
    to y: UnsafeMutablePointer<Scalar>, _ pixels: Int, _ channels: Int
  ) {
    for c in stride(from: 0, to: channels, by: lanes) {
      let (s, t) = (load(a.scale + c), load(b.scale + c))
      for p in 0..<pixels {
        let at = p * channels + c
        var v = load(y + at)
        addProduct(&v, load(a.x + at), s)
        addProduct(&v, load(b.x + at), t)
        store(v, y + at, count: channels - c)
      }
    }
  }
}

extension Naive {
  /// The twin of `ChannelwiseSum.forward`.
  public static func channelwiseSum(_ terms: [ChannelwiseSum.Term], shift: Tensor) -> Tensor {
    var y = Tensor.zeros(terms[0].x.shape)
    let channels = y.shape.channels
    for i in 0..<y.shape.count {
      y[i] = terms.reduce(shift[i % channels]) { $0 + $1.scale[i % channels] * $1.x[i] }
    }
    return y
  }
}
