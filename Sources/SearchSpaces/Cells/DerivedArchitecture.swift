/// A discrete architecture.
public protocol DerivedArchitecture: CustomStringConvertible, Sendable {
  /// How many edges are skip connections: many of them are the sign of a collapsed search.
  var skipCount: Int { get }
  /// How many edges it has.
  var edgeCount: Int { get }
  /// Its cells as graphs.
  var cells: [CellGraph] { get }
}

/// A discrete architecture whose cells are those of a search space, one per kind.
public protocol SpaceGenotype: DerivedArchitecture {
  /// The space, not simplified.
  var space: SearchSpace { get }
  /// How many cells every network of it has; nil if a network repeats its cells as often as it likes.
  var ownCellCount: Int? { get }
  /// Whether an edge can keep any number of candidates, none and several among them.
  static var holdsAnyCandidates: Bool { get }
  /// The architecture of the edges that a derivation keeps, of each kind of cell, in a space that may be simplified.
  init(_ edges: [[DerivedEdge]], of space: SearchSpace)
}

extension SpaceGenotype {
  /// No: each edge of its cells has one operation at most, or as many as the derivations of its space leave.
  public static var holdsAnyCandidates: Bool { false }
  /// Nil: the cells are repeated.
  public var ownCellCount: Int? { nil }

  /// The network in which the cells are trained.
  public func plan(
    _ size: NetworkSize, classes: Int = 10, imageExtent: Int = MapSize.imageExtent
  ) -> NetworkPlan {
    space.plan(
      size, classes: classes, imageExtent: imageExtent, outlines: cells.map(\.outline))
  }
}
