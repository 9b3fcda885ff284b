import Messages

/// Why a text is no genotype, and where.
public struct GenotypeError: UserError, Equatable {
  /// The first wrong character, counted from 1.
  public let column: Int
  /// What was expected there.
  public let expected: String
  /// What is there.
  public let found: String

  /// One line for the user.
  public var message: Message { "column \(column): expected \(expected), found \(found)" }
}
