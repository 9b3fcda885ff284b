extension ColorImage {
  /// The image with each colour stretched to the whole range from 0 to 255.
  public func autocontrasted() -> ColorImage {
    lookedUp(
      (0..<3).map { color in
        let counts = histogram(color)
        guard let low = counts.firstIndex(where: { $0 > 0 }),
          let high = counts.lastIndex(where: { $0 > 0 }), low < high
        else { return Array(0..<256) }
        let scale = 255 / Double(high - low)
        return (0..<256).map { colorValue(Double($0) * scale + -Double(low) * scale) }
      })
  }

  /// The image with the values of each colour as evenly distributed as a table can make them.
  public func equalized() -> ColorImage {
    lookedUp(
      (0..<3).map { color in
        let counts = histogram(color)
        let last = counts.last { $0 > 0 } ?? 0
        let step = (width * height - last) / 255
        guard step > 0 else { return Array(0..<256) }
        var below = step / 2
        return counts.map { count in
          defer { below += count }
          return min(255, below / step)
        }
      })
  }

  /// How many pixels have each value of a colour.
  private func histogram(_ color: Int) -> [Int] {
    var counts = Array(repeating: 0, count: 256)
    for y in 0..<height { for x in 0..<width { counts[self[y, x, color]] += 1 } }
    return counts
  }
}
