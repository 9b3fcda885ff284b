import SearchSpaces

/// A path as a graph with places: what the SVG and the DOT writer read.
///
/// The input is at the left, the output at the right, the summands of a sum below each other.
/// Places are whole pixels, from the top left corner.
public struct PathDrawing: Sendable {
  /// A rectangle.
  public struct Frame: Hashable, Sendable {
    /// The left side.
    public var x: Int
    /// The upper side.
    public var y: Int
    /// The width.
    public let width: Int
    /// The height.
    public let height: Int

    /// The right side.
    public var right: Int { x + width }
    /// The lower side.
    public var bottom: Int { y + height }
    /// The height of the middle.
    public var middle: Int { y + height / 2 }

    /// The same rectangle further right and further down.
    func moved(_ x: Int, _ y: Int) -> Frame {
      Frame(x: self.x + x, y: self.y + y, width: width, height: height)
    }

    /// Whether two rectangles have a pixel in common.
    public func overlaps(_ other: Frame) -> Bool {
      x < other.right && other.x < right && y < other.bottom && other.y < bottom
    }
  }

  /// What a node stands for.
  public enum Kind: Sendable {
    /// The map that enters.
    case input
    /// The map that leaves.
    case output
    /// A place where a map goes several ways.
    case fork
    /// A weighted sum.
    case sum
    /// A module.
    case module(ModuleSpec)
  }

  /// A node of the graph.
  public struct Node: Sendable {
    /// What the node stands for.
    public let kind: Kind
    /// The text of the node, line by line.
    public let lines: [String]
    /// The place and size of the node.
    public internal(set) var frame: Frame
  }

  /// A connection of two nodes.
  public struct Edge: Sendable {
    /// The index of the node it leaves.
    public internal(set) var source: Int
    /// The index of the node it enters.
    public internal(set) var target: Int
    /// The name of the weight on the connection, and where that is written.
    public internal(set) var label: Label?
  }

  /// A text on a connection.
  public struct Label: Sendable {
    /// The text.
    public let text: String
    /// The place and size of the text.
    public internal(set) var frame: Frame
  }

  /// The nodes; the input is the first, the output the last.
  public internal(set) var nodes: [Node] = []
  /// The connections.
  public internal(set) var edges: [Edge] = []
  /// The width.
  public internal(set) var width = 0
  /// The height.
  public internal(set) var height = 0

  /// The rectangles of everything that carries text or colour, in which nothing else may be.
  public var frames: [Frame] {
    nodes.map(\.frame) + edges.compactMap(\.label?.frame)
  }
}

extension PathDrawing.Kind {
  /// The module, if it is one.
  public var module: ModuleSpec? { if case .module(let module) = self { module } else { nil } }
  /// Whether it is a sum.
  var isSum: Bool { if case .sum = self { true } else { false } }
  /// Whether it is a fork.
  var isFork: Bool { if case .fork = self { true } else { false } }
}
