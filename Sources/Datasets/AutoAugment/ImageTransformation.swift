/// A transformation of the AutoAugment policies, of ten strengths.
public enum ImageTransformation: String, CaseIterable, Sendable {
  /// Along the rows and the columns.
  case shearX, shearY, translateX, translateY, rotate
  /// Away from gray, the mean, black, and the smoothed image, or towards them.
  case color, contrast, brightness, sharpness
  /// Of single colour values.
  case posterize, solarize, invert
  /// By the histogram of a colour.
  case autocontrast, equalize

  /// The magnitude at a level in 0...9; nil for transformations that have none.
  public func magnitude(level: Int) -> Double? {
    precondition(0...9 ~= level, "a level is in 0...9, found \(level)")
    let part = Double(level) / 9
    return switch self {
    case .shearX, .shearY: 0.3 * part
    case .translateX, .translateY: 150 / 331.0 * part
    case .rotate: 30 * part
    case .color, .contrast, .brightness, .sharpness: 0.9 * part
    case .posterize: (8 - 4 * part).rounded(.toNearestOrEven)
    case .solarize: 256 - 256 * part
    case .invert, .autocontrast, .equalize: nil
    }
  }

  /// Whether the magnitude is taken with either sign, at random; a rotation is always counterclockwise.
  public var hasSign: Bool {
    switch self {
    case .shearX, .shearY, .translateX, .translateY: true
    case .color, .contrast, .brightness, .sharpness: true
    case .rotate, .posterize, .solarize, .invert, .autocontrast, .equalize: false
    }
  }

  /// The transformed image; `isNegative` turns the sign of the magnitude where that has one.
  public func callAsFunction(
    _ image: ColorImage, level: Int, isNegative: Bool = false
  ) -> ColorImage {
    let size = magnitude(level: level) ?? 0
    let signed = hasSign && isNegative ? -size : size
    return switch self {
    case .shearX: image.shearedX(signed)
    case .shearY: image.shearedY(signed)
    case .translateX: image.translatedX(signed)
    case .translateY: image.translatedY(signed)
    case .rotate: image.rotated(signed)
    case .color: image.colored(1 + signed)
    case .contrast: image.contrasted(1 + signed)
    case .brightness: image.brightened(1 + signed)
    case .sharpness: image.sharpened(1 + signed)
    case .posterize: image.posterized(Int(size))
    case .solarize: image.solarized(size)
    case .invert: image.inverted()
    case .autocontrast: image.autocontrasted()
    case .equalize: image.equalized()
    }
  }
}
