extension Tensor {
  /// The channels dealt out like cards: [..., C], C a multiple of `groups`.
  ///
  /// Cut into `groups` runs of neighbours, of which all first channels come first, then all second ones:
  /// channel g (C / groups) + c becomes channel c groups + g. Dealt with C / groups groups they return.
  public func shufflingChannels(groups: Int) -> Tensor {
    let channels = shape.channels
    precondition(
      groups > 0 && channels % groups == 0, "\(channels) channels are no \(groups) equal groups")
    let size = channels / groups
    var y = Tensor(uninitialized: shape)
    let (source, target) = (pointer, y.mutablePointer)
    parallelRanges(shape.pixels, size: 1024) { pixels in
      for p in pixels {
        let (from, to) = (source + p * channels, target + p * channels)
        for g in 0..<groups {
          for c in 0..<size { to[c * groups + g] = from[g * size + c] }
        }
      }
    }
    return y
  }
}
