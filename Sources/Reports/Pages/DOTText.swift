/// The language of Graphviz.
enum DOTText {
  /// A graph that runs from left to right; `lines` are its nodes and edges.
  static func graph(_ name: String, _ lines: [String]) -> String {
    let head = [
      "digraph \(quoted(name)) {", "  rankdir=LR;",
      "  node [fontname=\"Helvetica\", fontsize=11];",
      "  edge [fontname=\"Helvetica\", fontsize=10, arrowsize=0.6];",
    ]
    return (head + lines + ["}"]).joined(separator: "\n") + "\n"
  }

  /// A text in quotation marks.
  static func quoted(_ text: String) -> String {
    let safe = mappingScalars(of: text) { scalar in
      switch scalar {
      case "\\": "\\\\"
      case "\"": "\\\""
      case "\n": "\\n"
      default: nil
      }
    }
    return "\"\(safe)\""
  }
}
