import SearchSpaces

/// A derived cell as a graph with places: what its SVG is drawn from.
///
/// Nodes are boxes in columns. An edge leaves its node, runs in its lane, and carries its operation in the gap before
/// the node that it enters. Curves lie beside the nodes and labels between the curves, so that no line crosses a text.
/// Places are whole pixels, from the top left corner.
public struct CellDrawing: Sendable {
  /// A box.
  public struct Node: Sendable {
    /// The text of the node, line by line.
    public let lines: [String]
    /// The frame of the node.
    public let frame: PathDrawing.Frame
  }

  /// The way of an edge: a curve to its lane, a straight line, a curve to its target.
  public struct Route: Sendable {
    /// Where it leaves its node.
    public let start: (x: Int, y: Int)
    /// Where the first curve ends.
    public let straightFrom: Int
    /// The height of its lane.
    public let lane: Int
    /// Where the last curve begins.
    public let straightTo: Int
    /// Where it enters its node.
    public let end: (x: Int, y: Int)
  }

  /// A connection of two nodes.
  public struct Edge: Sendable {
    /// The operation of the edge; nil where channels are only concatenated.
    public let operation: Primitive?
    /// The colours of the operation; nil if there is none.
    let entry: Palette.Entry?
    /// The route of the curve.
    public let route: Route
    /// The name of the operation, and where that is written.
    public let label: PathDrawing.Label?
  }

  /// The boxes, in the order of the graph.
  public let nodes: [Node]
  /// The connections, in the order of the graph.
  public let edges: [Edge]
  /// The width.
  public let width: Int
  /// The height.
  public let height: Int

  /// The rectangles of everything that carries text, in which nothing else may be.
  public var frames: [PathDrawing.Frame] {
    nodes.map(\.frame) + edges.compactMap(\.label?.frame)
  }
}
