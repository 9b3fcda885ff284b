#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where each pixel of a result comes from: (x, y) of its center goes to (a x + b y + c, d x + e y + f) in the
/// source.
private struct AffineMap {
  var a = 1.0
  var b = 0.0
  var c = 0.0
  var d = 0.0
  var e = 1.0
  var f = 0.0

  func callAsFunction(_ y: Int, _ x: Int) -> (x: Double, y: Double) {
    let (x, y) = (Double(x) + 0.5, Double(y) + 0.5)
    return (a * x + b * y + c, d * x + e * y + f)
  }
}

// Places outside of the image become gray, 128, as the published search on CIFAR-10 has it.
extension ColorImage {
  private static let fill = 128

  /// The image sheared along its rows: a pixel comes from x + `magnitude` y; bicubic.
  public func shearedX(_ magnitude: Double) -> ColorImage { bicubic(AffineMap(b: magnitude)) }

  /// The image sheared along its columns: a pixel comes from y + `magnitude` x; bicubic.
  public func shearedY(_ magnitude: Double) -> ColorImage { bicubic(AffineMap(d: magnitude)) }

  /// The image moved to the left by `share` of its width; the nearest pixel counts.
  public func translatedX(_ share: Double) -> ColorImage {
    nearest(AffineMap(c: share * Double(width)))
  }

  /// The image moved up by `share` of its height; the nearest pixel counts.
  public func translatedY(_ share: Double) -> ColorImage {
    nearest(AffineMap(f: share * Double(height)))
  }

  /// The image turned around its center, counterclockwise, by `degrees`; the nearest pixel counts.
  public func rotated(_ degrees: Double) -> ColorImage {
    let angle = -degrees * Double.pi / 180
    let (cosine, sine) = (cos(angle), sin(angle))
    let (x, y) = (Double(width) / 2, Double(height) / 2)
    return nearest(
      AffineMap(
        a: cosine, b: sine, c: x - cosine * x - sine * y,
        d: -sine, e: cosine, f: y + sine * x - cosine * y))
  }

  private func nearest(_ map: AffineMap) -> ColorImage {
    make { y, x, color in
      let place = map(y, x)
      let (column, row) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
      guard 0..<width ~= column, 0..<height ~= row else { return Self.fill }
      return self[row, column, color]
    }
  }

  /// Cubic interpolation of 4 x 4 pixels, at the border of what is nearest to them.
  private func bicubic(_ map: AffineMap) -> ColorImage {
    make { y, x, color in
      let place = map(y, x)
      guard place.x >= 0, place.x < Double(width), place.y >= 0, place.y < Double(height) else {
        return Self.fill
      }
      let left = (place.x - 0.5).rounded(.down)
      let top = (place.y - 0.5).rounded(.down)
      let rows = (-1...2).map { down -> Double in
        let row = min(max(Int(top) + down, 0), height - 1)
        let values = (-1...2).map { right in
          Double(self[row, min(max(Int(left) + right, 0), width - 1), color])
        }
        return Self.cubic(values, place.x - 0.5 - left)
      }
      return colorValue(Self.cubic(rows, place.y - 0.5 - top))
    }
  }

  /// The cubic through v[1] at d = 0 and v[2] at d = 1 whose slopes there are v[2] - v[0] and v[3] - v[1].
  private static func cubic(_ v: [Double], _ d: Double) -> Double {
    let slope = v[2] - v[0]
    let second = 2 * (v[0] - v[1]) + v[2] - v[3]
    let third = v[1] - v[0] + v[3] - v[2]
    return v[1] + d * (slope + d * (second + d * third))
  }
}
