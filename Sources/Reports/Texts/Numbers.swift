import Messages

// Numbers as a reader wants them, without locale.

/// A number with a fixed count of digits after the decimal point.
package func decimals(_ number: Double, _ digits: Int) -> String {
  let scale = (0..<digits).reduce(1.0) { power, _ in power * 10 }
  let scaled = (number.magnitude * scale).rounded()
  guard scaled < 1e18 else { return "\(number)" }
  let (whole, part) = Int(scaled).quotientAndRemainder(dividingBy: Int(scale))
  let sign = number < 0 && scaled > 0 ? "-" : ""
  guard digits > 0 else { return "\(sign)\(whole)" }
  return "\(sign)\(whole).\(String(repeating: "0", count: digits - "\(part)".count))\(part)"
}

/// A share as percent: `12.3 %`.
package func percent(_ share: Double) -> String { "\(decimals(100 * share, 1)) %" }

/// A whole number with commas: `2,359,296`.
package func grouped(_ number: Int) -> String {
  let digits = String(number.magnitude)
  let head = digits.count % 3
  var groups = head > 0 ? [String(digits.prefix(head))] : []
  var rest = digits.dropFirst(head)
  while !rest.isEmpty {
    groups.append(String(rest.prefix(3)))
    rest = rest.dropFirst(3)
  }
  return (number < 0 ? "-" : "") + groups.joined(separator: ",")
}

/// A number of bytes in whole mebibytes: `1,234 MiB`.
package func mebibytes(_ bytes: Int) -> String { "\(grouped(bytes / 1_048_576)) MiB" }

/// A number of things: `1 epoch`, `2 epochs`.
package func counted(_ number: Int, _ thing: String) -> String {
  "\(grouped(number)) \(thing)\(number == 1 ? "" : "s")"
}

/// The smallest and the largest of some numbers: `3`, `3 to 5`.
package func range(_ numbers: [Int]) -> String {
  let (least, most) = (numbers.min() ?? 0, numbers.max() ?? 0)
  return least == most ? grouped(least) : "\(grouped(least)) to \(grouped(most))"
}

/// A text with spaces in front, at least `width` characters.
package func padded(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

/// A time in its two largest units: `3 days 4 h`, `2 h 5 min`, `1 min 3 s`, `12 s`.
///
/// From two days on it is days.
package func duration(_ seconds: Double) -> String {
  guard let whole = Int(exactly: seconds.rounded(.down)) else { return "\(seconds) s" }
  let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
  if hours >= 48 { return "\(grouped(hours / 24)) days \(hours % 24) h" }
  if hours > 0 { return "\(hours) h \(minutes) min" }
  return minutes > 0 ? "\(minutes) min \(rest) s" : "\(rest) s"
}
