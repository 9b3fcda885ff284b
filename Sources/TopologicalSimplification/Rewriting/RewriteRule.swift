import SearchSpaces

/// A rule by which a simplifier rewrites the sums of a path.
///
/// A value: its name, what it rests on, and a function from a sum to the rewrites that it offers. A simplifier knows its
/// rules as a list; a rule of your own is one more element of it.
public struct RewriteRule: Sendable {
  /// Looks at the summands of a sum, at the place of the sum, and at the settings of the simplifier.
  public typealias Offers =
    @Sendable (_ sum: [Branch], _ place: RewritePlace, _ settings: Simplifier) -> [Rewrite]

  /// The name as steps and JSON spell it, for example `PMS prefix`.
  public let name: String
  /// What the rule does, in a sentence.
  public let statement: String
  /// The equations that it rests on; a rewrite names those that it uses.
  public let equations: [Equation]
  /// Where a sum and what becomes of it agree in any case; a rewrite may be more exact.
  public let exactness: Exactness
  /// Whether one step takes all rewrites that the rule offers to the same operations, one after another.
  public let joinsRewrites: Bool
  /// The rewrites that it offers for a sum.
  public let offers: Offers

  /// Creates a rule.
  public init(
    _ name: String, statement: String, equations: [Equation] = [], exactness: Exactness,
    joinsRewrites: Bool = false, offers: @escaping Offers
  ) {
    self.name = name
    self.statement = statement
    self.equations = equations
    self.exactness = exactness
    self.joinsRewrites = joinsRewrites
    self.offers = offers
  }

  /// The rules of TopoNAS, in the order in which their rewrites are listed.
  public static let all: [RewriteRule] = [.sharePrefix, .shareSuffix, .float, .reparameterize]
}

extension RewriteRule: Equatable, CustomStringConvertible {
  /// Whether two rules have one name.
  public static func == (a: RewriteRule, b: RewriteRule) -> Bool { a.name == b.name }
  /// The name.
  public var description: String { name }
}

/// An equation that rewrites rest on, in a line.
public struct Equation: Hashable, Sendable {
  /// For example `TS-10`.
  public let id: String
  /// The formula; the doc comment of the function that computes it quotes it.
  public let statement: String
  /// Where it comes from, as that doc comment says.
  public let provenance: String

  /// Creates an equation.
  public init(_ id: String, _ statement: String, _ provenance: String) {
    self.id = id
    self.statement = statement
    self.provenance = provenance
  }
}

/// Where in a whole path a sum stands.
public struct RewritePlace: Sendable {
  /// The modules that its result goes through.
  public let followers: [ModuleSpec]
  /// How many logits the edge had before it was rewritten; logits of a rule's own come after them.
  public let columns: Int
}

/// What a rule offers to make of a sum.
public struct Rewrite: Sendable {
  /// The turn of a rewrite, where several are offered.
  public enum Turn: Int, Comparable, Sendable {
    /// Before all others, which would make it impossible.
    ///
    /// FMS-B needs it. With the block T = BN . PW . DW . ReLU, sep_conv is T . S and dil_conv is T: they have a whole block
    /// in common. To share the ReLU at their start is an identity, and would be taken before any relaxation; then
    /// dil_conv were BN . PW . DW, which is no block, and FMS-B would find none.
    case first
    /// The rule changes nothing, whatever is done to kernels.
    case identity
    /// The result is another function between one-hot weights.
    case relaxation

    /// From early to late.
    public static func < (a: Turn, b: Turn) -> Bool { a.rawValue < b.rawValue }
  }

  /// What takes the place of the sum.
  public let path: Path
  /// The modules that are shared, or the convolutions that are merged.
  public let subject: String
  /// The candidates that each summand that takes part belongs to.
  public let owners: [[Primitive]]
  /// The equations of the rule that it uses.
  public let equations: [Equation]
  /// Where the sum and the path agree.
  public let exactness: Exactness
  /// The turn of the rewrite.
  public let turn: Turn

  /// Creates a rewrite.
  ///
  /// - Parameters:
  ///   - path: what takes the place of the sum.
  ///   - subject: the modules that are shared, or the convolutions that are merged.
  ///   - members: the summands that take part.
  ///   - equations: the equations of the rule that it uses.
  ///   - exactness: where the sum and the path agree.
  ///   - turn: when its turn is; nil is that of its exactness.
  public init(
    _ path: Path, subject: String, of members: [Branch], equations: [Equation] = [],
    exactness: Exactness, turn: Turn? = nil
  ) {
    self.path = path
    self.subject = subject
    owners = members.map { $0.path.modules.owners }
    self.equations = equations
    self.exactness = exactness
    self.turn = turn ?? (exactness == .everywhere ? .identity : .relaxation)
  }
}
