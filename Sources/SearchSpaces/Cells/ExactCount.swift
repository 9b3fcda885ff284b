/// A whole number of any size: how many architectures a space has.
public struct ExactCount: Hashable, Sendable, CustomStringConvertible {
  /// The digits to the base 10^9, the lowest first.
  private var digits: [UInt64]
  private static let base: UInt64 = 1_000_000_000

  /// Creates the number.
  public init(_ number: UInt64) { digits = Self.digits(of: number) }

  private static func digits(of number: UInt64) -> [UInt64] {
    number < base ? [number] : [number % base] + digits(of: number / base)
  }

  /// The product with a number of 64 bits.
  public static func * (count: ExactCount, factor: UInt64) -> ExactCount {
    var (product, carry) = (count, UInt64(0))
    for index in product.digits.indices {
      var (high, low) = product.digits[index].multipliedFullWidth(by: factor)
      let (sum, overflows) = low.addingReportingOverflow(carry)
      if overflows { high += 1 }
      low = sum
      (carry, product.digits[index]) = base.dividingFullWidth((high, low))
    }
    if carry > 0 { product.digits += digits(of: carry) }
    while product.digits.count > 1, product.digits.last == 0 { product.digits.removeLast() }
    return product
  }

  /// The product of two numbers.
  public static func * (a: ExactCount, b: ExactCount) -> ExactCount {
    b.digits.reversed().dropFirst().reduce(a * (b.digits.last ?? 0)) { sofar, digit in
      sofar * base + a * digit
    }
  }

  /// The sum of two numbers.
  public static func + (a: ExactCount, b: ExactCount) -> ExactCount {
    var (sum, carry) = (a, UInt64(0))
    for index in 0..<max(a.digits.count, b.digits.count) {
      if index == sum.digits.count { sum.digits.append(0) }
      let total = sum.digits[index] + (index < b.digits.count ? b.digits[index] : 0) + carry
      (carry, sum.digits[index]) = total.quotientAndRemainder(dividingBy: base)
    }
    if carry > 0 { sum.digits.append(carry) }
    return sum
  }

  /// The difference of two numbers, the second of which is not larger.
  public static func - (a: ExactCount, b: ExactCount) -> ExactCount {
    var (difference, borrow) = (a, UInt64(0))
    for index in difference.digits.indices {
      let taken = borrow + (index < b.digits.count ? b.digits[index] : 0)
      borrow = difference.digits[index] < taken ? 1 : 0
      difference.digits[index] += borrow * base
      difference.digits[index] -= taken
    }
    precondition(
      borrow == 0 && b.digits.dropFirst(a.digits.count).allSatisfy { $0 == 0 },
      "counts are not negative, found \(a) - \(b)")
    while difference.digits.count > 1, difference.digits.last == 0 {
      difference.digits.removeLast()
    }
    return difference
  }

  /// The number in decimal digits, all of them.
  public var description: String {
    digits.dropLast().reversed().reduce("\(digits.last ?? 0)") { text, digit in
      let part = "\(digit)"
      return text + String(repeating: "0", count: 9 - part.count) + part
    }
  }
}
