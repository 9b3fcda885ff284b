/// Steps of which a page shows one at a time: buttons of a choice and rules of style do it, without a script.
///
/// The arrow keys move from button to button. On paper, and where there is no style, all steps follow each other.
public enum HTMLSteps {
  /// The rules of style that a page of so many steps needs besides those of all pages.
  public static func style(count: Int) -> String {
    let chosen = (0..<count).map { "#step-\($0):checked ~ .step-\($0)" }
    return "\(chosen.joined(separator: ",\n")) { display: block; }"
  }
}

extension HTMLWriter {
  /// The steps of a page, of which the first is shown at first; the page has no others.
  public mutating func steps(
    _ label: String, _ steps: [(button: String, content: (inout HTMLWriter) -> Void)]
  ) {
    element("div", ["class": "steps", "role": "group", "aria-label": label]) { html in
      for (index, step) in steps.enumerated() {
        let name = "step-\(index)"
        html.emptyElement(
          "input",
          index == 0
            ? ["type": "radio", "name": "step", "id": name, "checked": "checked"]
            : ["type": "radio", "name": "step", "id": name])
        html.element("label", ["for": name], step.button)
      }
      for (index, step) in steps.enumerated() {
        html.element("section", ["class": "step-\(index)", "aria-label": step.button]) {
          step.content(&$0)
        }
      }
    }
  }
}
