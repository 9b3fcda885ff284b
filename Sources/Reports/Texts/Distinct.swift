/// The elements without repetitions, each at its first place.
package func distinct<Element: Equatable>(_ elements: some Sequence<Element>) -> [Element] {
  elements.reduce(into: []) { all, element in
    if !all.contains(element) { all.append(element) }
  }
}
