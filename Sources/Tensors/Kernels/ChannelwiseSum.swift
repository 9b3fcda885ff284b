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
    if channels == 1 { return addRow(terms, shift: shift, to: &total, accumulating) }
    let sources = terms.map(Source.init)
    let target = total.mutablePointer
    // A chunk of the result stays in the first-level cache while all terms are added to it.
    parallelRanges(total.shape.pixels, size: max(1, 4096 / max(1, channels))) { pixels in
      let chunk = pixels.lowerBound * channels
      Run(pixels: pixels.count, channels: channels, sourceStep: channels, targetStep: channels)
        .evaluate(
          sources, offset: chunk, first: 0, shift: shift.pointer, into: target + chunk,
          accumulating: accumulating)
    }
  }

  /// The sum of maps of one channel, such as depthwise kernels: sixteen neighbouring scalars are read as one pixel.
  private static func addRow(
    _ terms: [Term], shift: Tensor, to total: inout Tensor, _ accumulating: Bool
  ) {
    func spread(_ one: Tensor) -> Tensor { Tensor(repeating: one[0], shape: [lanes]) }
    let (scales, shift) = (terms.map { spread($0.scale) }, spread(shift))
    let sources = zip(terms, scales).map { Source(x: $0.x.pointer, scale: $1.pointer) }
    let target = total.mutablePointer
    parallelRanges(total.shape.count, size: 4096) { scalars in
      // The last sixteen may reach past the end, into the slack of every buffer.
      let (start, pixels) = (scalars.lowerBound, (scalars.count + lanes - 1) / lanes)
      Run(pixels: pixels, channels: lanes, sourceStep: lanes, targetStep: lanes).evaluate(
        sources, offset: start, first: 0, shift: shift.pointer, into: target + start,
        accumulating: accumulating)
    }
    withExtendedLifetime((scales, shift)) {}
  }

  /// The sum as a new tensor.
  public static func forward(_ terms: [Term], shift: Tensor? = nil) -> Tensor {
    precondition(!terms.isEmpty, "a sum of no terms has no shape")
    var y = Tensor(uninitialized: terms[0].x.shape)
    forward(terms, shift: shift, into: &y, accumulating: false)
    return y
  }

  /// The addresses of a term.
  struct Source {
    let x: UnsafePointer<Scalar>
    let scale: UnsafePointer<Scalar>

    init(_ term: Term) { self.init(x: term.x.pointer, scale: term.scale.pointer) }

    init(x: UnsafePointer<Scalar>, scale: UnsafePointer<Scalar>) {
      (self.x, self.scale) = (x, scale)
    }
  }

  /// Some neighbouring pixels of the sum.
  struct Run {
    let pixels: Int
    let channels: Int
    /// Scalars from one pixel to the next, of the terms and of the result.
    let sourceStep: Int
    let targetStep: Int

    /// Writes, or adds with `accumulating`, the sum over `terms`, whose first scalar lies at `offset` and
    /// belongs to channel `first`.
    func evaluate(
      _ terms: [Source], offset: Int, first: Int, shift: UnsafePointer<Scalar>,
      into y: UnsafeMutablePointer<Scalar>, accumulating: Bool
    ) {
      terms.withUnsafeBufferPointer { terms in
        guard var next = terms.baseAddress, !terms.isEmpty else {
          return fill(y, shift + first, accumulating)
        }
        var rest = terms.count
        var start = accumulating ? Start.resultAndShift : .shift
        while rest > 0 {
          // Up to four terms at a time touch the result a quarter as often.
          let taken = min(rest, 4)
          let at = (offset, first)
          switch taken {
          case 1: add(1, next, at, shift, start, to: y)
          case 2: add(2, next, at, shift, start, to: y)
          case 3: add(3, next, at, shift, start, to: y)
          default: add(4, next, at, shift, start, to: y)
          }
          next += taken
          rest -= taken
          start = .result
        }
      }
    }

    /// What the terms are added to.
    private enum Start { case shift, result, resultAndShift }

    /// Adds `count` terms.
    ///
    /// With more channels than a vector has lanes, pixels are the outer loop: the pass then walks memory in order, and
    /// the scales come from the first-level cache.
    @inline(__always)
    private func add(
      _ count: Int, _ terms: UnsafePointer<Source>, _ at: (offset: Int, first: Int),
      _ shift: UnsafePointer<Scalar>, _ start: Start, to y: UnsafeMutablePointer<Scalar>
    ) {
      typealias Scales = (shift: Vector, Vector, Vector, Vector, Vector)
      @inline(__always) func scales(_ c: Int) -> Scales {
        let channel = at.first + c
        return (
          start == .result ? .zero : load(shift + channel), load(terms[0].scale + channel),
          count > 1 ? load(terms[1].scale + channel) : .zero,
          count > 2 ? load(terms[2].scale + channel) : .zero,
          count > 3 ? load(terms[3].scale + channel) : .zero
        )
      }
      @inline(__always) func write(_ p: Int, _ c: Int, _ s: Scales) {
        let from = at.offset + p * sourceStep + c
        let to = y + p * targetStep + c
        var v = start == .shift ? s.shift : Tensors.add(load(to), s.shift)
        addProduct(&v, load(terms[0].x + from), s.1)
        if count > 1 { addProduct(&v, load(terms[1].x + from), s.2) }
        if count > 2 { addProduct(&v, load(terms[2].x + from), s.3) }
        if count > 3 { addProduct(&v, load(terms[3].x + from), s.4) }
        store(v, to, count: channels - c)
      }
      if channels <= lanes {
        let all = scales(0)
        for p in 0..<pixels { write(p, 0, all) }
      } else {
        for p in 0..<pixels {
          for c in stride(from: 0, to: channels, by: lanes) { write(p, c, scales(c)) }
        }
      }
    }

    private func fill(
      _ y: UnsafeMutablePointer<Scalar>, _ shift: UnsafePointer<Scalar>, _ accumulating: Bool
    ) {
      for c in stride(from: 0, to: channels, by: lanes) {
        let b = load(shift + c)
        for p in 0..<pixels {
          let to = y + p * targetStep + c
          store(accumulating ? Tensors.add(load(to), b) : b, to, count: channels - c)
        }
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
