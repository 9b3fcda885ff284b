import Foundation

/// The values of a JSON object by their paths: `settings.epochs`.
///
/// Null counts as absent.
package struct JSONLeaves {
  private(set) var values: [String: String] = [:]

  package init(_ text: String) throws {
    walk(try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed), [])
  }

  private mutating func walk(_ value: Any, _ path: [String]) {
    if let object = value as? [String: Any] {
      for (key, inner) in object { walk(inner, path + [key]) }
    } else if let number = value as? NSNumber, String(cString: number.objCType) == "c" {
      // A Boolean is a number to Foundation, and would print as 1 or 0.
      values[path.joined(separator: ".")] = number.boolValue ? "true" : "false"
    } else if !(value is NSNull) {
      values[path.joined(separator: ".")] = "\(value)"
    }
  }

  /// Where another object differs: `channels: expected 8, found 4`.
  package func differences(from found: JSONLeaves) -> [String] {
    Set(values.keys).union(found.values.keys).sorted()
      .filter { values[$0] != found.values[$0] }.map {
        "\($0): expected \(values[$0] ?? "nothing"), found \(found.values[$0] ?? "nothing")"
      }
  }
}
