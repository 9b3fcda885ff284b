/// The first tag of a page of HTML or SVG that has no partner; nil if every element is closed in its turn.
///
/// Texts and attributes must be escaped: each `<` begins a tag.
public func firstUnbalancedTag(in page: String) -> String? {
  var open: [Substring] = []
  for tag in page.split(separator: "<", omittingEmptySubsequences: false).dropFirst() {
    guard let end = tag.firstIndex(of: ">") else { return String(tag) }
    let inside = tag[..<end]
    let name = inside.drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
    if inside.hasPrefix("!") || inside.hasSuffix("/") { continue }
    guard !name.isEmpty else { return String(inside) }
    if !inside.hasPrefix("/") {
      open.append(name)
    } else if open.popLast() != name {
      return String(inside)
    }
  }
  return open.last.map(String.init)
}
