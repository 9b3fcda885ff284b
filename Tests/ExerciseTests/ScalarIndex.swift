import Tensors

/// Exercise `scalar-index`, chapter 01: where in memory an element is.
///
/// A tensor keeps its scalars in one row, and the last axis varies fastest: in [N, H, W, C] the channels of a pixel are
/// neighbours. Which scalar of `shape` [N, H, W, C] is the one at image n, row h, column w, channel c, if the first is
/// scalar 0?
func yourScalarIndex(_ n: Int, _ h: Int, _ w: Int, _ c: Int, in shape: Shape) -> Int {
  0  // Write this.
}

extension Exercise {
  private typealias Index = (Int, Int, Int, Int, Shape) -> Int

  static var scalarIndex: Exercise {
    let library: Index = { n, h, w, c, shape in
      var numbered = Tensor.zeros(shape)
      for index in 0..<shape.count { numbered[index] = Scalar(index) }
      return Int(numbered[n, h, w, c])
    }
    func channelsOutermost(_ n: Int, _ h: Int, _ w: Int, _ c: Int, _ shape: Shape) -> Int {
      let row = (n * shape.channels + c) * shape.height + h
      return row * shape.width + w
    }
    func widthForHeight(_ n: Int, _ h: Int, _ w: Int, _ c: Int, _ shape: Shape) -> Int {
      let pixel = (n * shape.width + h) * shape.height + w
      return pixel * shape.channels + c
    }
    let stub: Index = { _, _, _, _, _ in 0 }
    return Exercise(
      "scalar-index",
      hint: """
        How many scalars does one step along each axis jump over? A step of c jumps over 1, one of w over C.
        """,
      yours: yourScalarIndex, library: library,
      wrong: [
        ("stub", stub), ("channels outermost", channelsOutermost),
        ("width for height", widthForHeight),
      ]
    ) { index, findings in
      let shape: Shape = [2, 3, 5, 7]
      let cases: [(place: [Int], expected: Int)] = [
        ([0, 0, 0, 0], 0), ([0, 0, 0, 3], 3), ([0, 0, 1, 0], 7), ([0, 1, 0, 0], 35),
        ([1, 0, 0, 0], 105), ([1, 2, 4, 6], 209), ([0, 2, 3, 1], 92),
      ]
      for (place, expected) in cases {
        let found = index(place[0], place[1], place[2], place[3], shape)
        findings.expect(
          found == expected, "\(place) of \(shape) is scalar \(expected), found \(found)")
      }
    }
  }
}
