/// What adds its share to a map [N, H, W, C], image by image.
///
/// Several shares of one map are added by one pass: to the images of a task, one share after the other, while these images
/// and what the shares have in common are in the cache.
package protocol MapShare {
  /// Adds the share of the images of a task to those of the map at `target`, or writes it there.
  func add(_ images: Range<Int>, to target: UnsafeMutablePointer<Scalar>, accumulating: Bool)
}

extension MapShare {
  /// The share alone, as a map of `shape`; `file` and `function` name the loop in a profile.
  func alone(
    of shape: Shape, file: StaticString = #fileID, function: StaticString = #function
  ) -> Tensor {
    var map = Tensor(uninitialized: shape)
    let target = map.mutablePointer
    parallelFor(shape.images, file: file, function: function) { n in
      add(n..<n + 1, to: target, accumulating: false)
    }
    return map
  }
}

/// A map as a sum of scaled maps and of shares.
package enum MapSum {
  /// `total` [N, H, W, C] becomes, or with `accumulating` gains, the sum of the scaled `terms`, the `shift` [C] and the
  /// `shares`, of which there is at least one.
  package static func evaluate(
    _ terms: [ChannelwiseSum.Term], shift: Tensor? = nil, _ shares: [any MapShare],
    into total: inout Tensor, accumulating: Bool, file: StaticString = #fileID,
    function: StaticString = #function
  ) {
    for term in terms { expectSameShape(term.x, total, "terms of a sum") }
    let shape = total.shape
    let hasTerms = !terms.isEmpty || shift != nil
    let sources = terms.map(ChannelwiseSum.Source.init)
    let (target, offset) = (total.mutablePointer, shift ?? .zeros([shape.channels]))
    let pixels = shape.height * shape.width
    parallelRanges(
      shape.images, size: imagesPerTask(shape.images), file: file, function: function
    ) { images in
      if hasTerms {
        let all = images.lowerBound * pixels..<images.upperBound * pixels
        for piece in all.groups(of: max(1, 4096 / max(1, shape.channels))) {
          ChannelwiseSum.Run(
            pixels: piece.count, channels: shape.channels, sourceStep: shape.channels,
            targetStep: shape.channels
          ).evaluate(
            sources, offset: piece.lowerBound * shape.channels, first: 0, shift: offset.pointer,
            into: target + piece.lowerBound * shape.channels, accumulating: accumulating)
        }
      }
      for (place, share) in shares.enumerated() {
        share.add(images, to: target, accumulating: accumulating || hasTerms || place > 0)
      }
    }
    withExtendedLifetime((terms, offset)) {}
  }
}
