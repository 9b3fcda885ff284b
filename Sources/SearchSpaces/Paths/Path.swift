/// An expression over modules: what an edge of a supernet computes.
///
/// A search space is a table of paths, a simplification rewrites them, a cost is a fold over them, and a
/// supernet interprets them.
public indirect enum Path: Sendable {
  /// One module.
  case module(ModuleSpec)
  /// Composition, applied first to last.
  ///
  /// Equation: TS-2 [reconstructed: high]. o_i = m_n . ... . m_2 . m_1.
  ///
  /// Explained in chapter 05.
  case chain([Path])
  /// The weighted sum of several paths of one input.
  ///
  /// Equation: TS-1 [paper: words only; published: DARTS]. f(x) = sum over i of alpha_i o_i(x).
  ///
  /// Explained in chapter 06.
  case choice([Branch])

  /// A chain of modules.
  public static func chain(_ modules: [ModuleSpec]) -> Path { .chain(modules.map(Path.module)) }

  /// The same path without chains inside chains, chains of one, or choices of one path of weight 1.
  public var flattened: Path {
    switch self {
    case .module: return self
    case .chain(let paths):
      let steps = paths.map(\.flattened).flatMap { path -> [Path] in
        if case .chain(let inner) = path { inner } else { [path] }
      }
      return steps.count == 1 ? steps[0] : .chain(steps)
    case .choice(let branches):
      if branches.count == 1, branches[0].weight == .one { return branches[0].path.flattened }
      return .choice(branches.map { Branch($0.weight, $0.path.flattened) })
    }
  }

  /// The steps of a chain; anything else is its own only step.
  public var steps: [Path] {
    if case .chain(let steps) = flattened { steps } else { [flattened] }
  }

  /// All modules, in the order in which they are written.
  public var modules: [ModuleSpec] {
    switch self {
    case .module(let module): [module]
    case .chain(let paths): paths.flatMap(\.modules)
    case .choice(let branches): branches.flatMap(\.path.modules)
    }
  }

  /// Whether the path connects nothing: a single module that gives zeros.
  public var isZero: Bool {
    if case .module(let module) = flattened, case .zero = module.kind { true } else { false }
  }

  /// Whether the path is the map itself, perhaps normalized: a skip connection that keeps the size of the image.
  public var isSkip: Bool {
    guard case .module(let first) = steps.first, case .identity = first.kind else { return false }
    return steps.dropFirst().allSatisfy { step in
      if case .module(let module) = step, case .batchNorm = module.kind { true } else { false }
    }
  }

  /// All weights, of branches and of the parts of merged kernels.
  public var weights: [ArchitectureWeight] {
    switch self {
    case .module(let module):
      guard case .convolution(_, _, .merged(let expression)) = module.kind else { return [] }
      return expression.parts.map(\.weight)
    case .chain(let paths): return paths.flatMap(\.weights)
    case .choice(let branches): return branches.flatMap { [$0.weight] + $0.path.weights }
    }
  }
}

extension Path {
  /// Whether both have the same modules and weights at the same places; merged kernels, which cannot be compared, are
  /// never the same.
  func isWritten(like other: Path) -> Bool {
    switch (self, other) {
    case (.module(let a), .module(let b)):
      !a.isMerged && !b.isMerged && a.signature == b.signature && a.name == b.name
    case (.chain(let a), .chain(let b)):
      a.count == b.count && zip(a, b).allSatisfy { $0.isWritten(like: $1) }
    case (.choice(let a), .choice(let b)):
      a.count == b.count
        && zip(a, b).allSatisfy { $0.weight == $1.weight && $0.path.isWritten(like: $1.path) }
    default: false
    }
  }
}

/// One summand of a choice.
public struct Branch: Sendable {
  /// The weight of the summand.
  public let weight: ArchitectureWeight
  /// The path that the weight multiplies.
  public let path: Path

  /// Creates a summand.
  public init(_ weight: ArchitectureWeight, _ path: Path) {
    self.weight = weight
    self.path = path
  }
}

extension Path: CustomStringConvertible {
  /// The path as a tree of lines, children indented.
  public var description: String { lines(indent: "").joined(separator: "\n") }

  private func lines(indent: String) -> [String] {
    switch self {
    case .module(let module): return ["\(indent)\(module)"]
    case .chain(let paths): return paths.flatMap { $0.lines(indent: indent) }
    case .choice(let branches):
      return ["\(indent)sum"]
        + branches.flatMap { branch in
          ["\(indent)  \(branch.weight) *"] + branch.path.lines(indent: indent + "    ")
        }
    }
  }
}
