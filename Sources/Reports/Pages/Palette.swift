import SearchSpaces

/// The colours of drawings: light fills with dark text, told apart with any kind of colour vision.
enum Palette {
  /// Text.
  static let ink = "#1f2430"
  /// Less important text.
  static let dim = "#5b6472"
  /// Connections.
  static let wire = "#6b7482"
  /// Connections that carry nothing.
  static let faint = "#b9bfc9"
  /// Connections and weights that a rewriting brought.
  static let new = "#b04a00"
  /// Where channels are only put side by side.
  static let joint = "#9aa3b0"
  /// The two series of a bar chart.
  static let series = ["#3b78b5", "#e0902f"]
  /// The lines behind a chart.
  static let grid = "#e4e6ea"
  /// The methods that a chart compares, after Okabe and Ito.
  static let methods = [
    "#0072b2", "#d55e00", "#009e73", "#aa4499", "#c78c00", "#4b9cd3", "#6b7482", "#882255",
  ]

  /// What the legend calls a kind of module, with the colours of its boxes.
  struct Entry: Hashable {
    let name: String
    let fill: String
    let stroke: String
  }

  /// The kinds of modules, in the order of the legend.
  static let entries = [
    Entry(name: "ReLU", fill: "#fbd9b5", stroke: "#c8721a"),
    Entry(name: "DW: depthwise convolution", fill: "#c9ead0", stroke: "#2f8f4e"),
    Entry(name: "PW: pointwise convolution", fill: "#cfe1f7", stroke: "#3b78b5"),
    Entry(name: "dense convolution", fill: "#b3c7f0", stroke: "#2c4f9e"),
    Entry(name: "BN: batch norm", fill: "#e4e6ea", stroke: "#7b828e"),
    Entry(name: "pool", fill: "#ecd3ec", stroke: "#9a4f9a"),
  ]

  /// What stands for each colour of a picture on a dark page.
  static let dark: KeyValuePairs = [
    "#ffffff": "#15181d", ink: "#e3e6eb", dim: "#9aa4b2", wire: "#8d97a5", faint: "#4c5462",
    joint: "#6b7584", new: "#f0985a",
    grid: "#2c323c",
    // Bars, and the lines of charts.
    "#3b78b5": "#66a5de", "#e0902f": "#e8a552", "#0072b2": "#4fa8e3", "#d55e00": "#f08c48",
    "#009e73": "#38c59b", "#aa4499": "#d488c7", "#c78c00": "#e0b040", "#4b9cd3": "#9accf0",
    "#882255": "#d3739f",
    // Boxes, with light text in them.
    "#fbd9b5": "#573913", "#c8721a": "#dd994f", "#c9ead0": "#1d4829", "#2f8f4e": "#5fba7d",
    "#cfe1f7": "#1d3b5c", "#b3c7f0": "#26386b", "#2c4f9e": "#7f9ce0", "#7b828e": "#9aa2ae",
    "#ecd3ec": "#4a294a", "#9a4f9a": "#c98bc9",
  ]

  /// Rules by which a dark page replaces them; the pictures themselves stay as they are.
  static var darkStyle: String {
    dark.map { light, dark in
      "svg [fill=\"\(light)\"] { fill: \(dark); } svg [stroke=\"\(light)\"] { stroke: \(dark); }"
    }.joined(separator: "\n")
  }

  /// The entry of a module; nil for those that are lines.
  static func entry(of module: ModuleSpec) -> Entry? {
    switch module.kind {
    case .identity, .zero: nil
    case .relu: entries[0]
    case .convolution(_, .depthwise, _): entries[1]
    case .convolution(let window, .dense, _): entries[window.kernel == 1 ? 2 : 3]
    case .stripConvolution: entries[3]
    case .factorizedReduction: entries[2]
    case .batchNorm: entries[4]
    case .averagePool, .maxPool: entries[5]
    }
  }

  /// The kinds of operations of a derived cell, in the order of the legend.
  static let operations = [
    Entry(name: "convolution", fill: "#cfe1f7", stroke: "#3b78b5"),
    Entry(name: "separable convolution", fill: "#c9ead0", stroke: "#2f8f4e"),
    Entry(name: "dilated convolution", fill: "#fbd9b5", stroke: "#c8721a"),
    Entry(name: "pool", fill: "#ecd3ec", stroke: "#9a4f9a"),
    Entry(name: "skip connection", fill: "#e4e6ea", stroke: "#6b7482"),
    Entry(name: "none: no connection", fill: "#ffffff", stroke: "#b9bfc9"),
  ]

  /// The entry of an operation that connects nothing.
  static let none = operations[5]

  /// The entry of an operation, by its modules.
  static func entry(of operation: Path) -> Entry {
    var (isConvolution, isDepthwise, isDilated, isPool) = (false, false, false, false)
    for module in operation.modules {
      switch module.kind {
      case .convolution(let window, let grouping, _):
        isConvolution = true
        isDepthwise = isDepthwise || grouping == .depthwise
        isDilated = isDilated || window.dilation > 1
      case .stripConvolution: isConvolution = true
      case .averagePool, .maxPool: isPool = true
      case .identity, .zero, .relu, .batchNorm, .factorizedReduction: break
      }
    }
    if operation.isZero { return none }
    if isConvolution { return operations[isDilated ? 2 : isDepthwise ? 1 : 0] }
    return operations[isPool ? 3 : 4]
  }
}

extension ModuleSpec {
  /// Whether several candidates have it in common, or their kernels in one.
  var belongsToSeveral: Bool {
    owners.count > 1 || isMerged
  }
}
