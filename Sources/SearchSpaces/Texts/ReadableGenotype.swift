/// A genotype that is found in texts: what `GenotypeText` asks the genotypes of each space.
///
/// All but the reading of a value has a standard: the texts have no fields, no form besides values, and no names.
protocol ReadableGenotype: SpaceGenotype {
  /// The names of the fields of its texts, as keywords or keys.
  static var fields: [String] { get }
  /// The beginnings of first keys by which braces are known to hold a genotype.
  static var leadingFields: [String] { get }
  /// The fields that can stand in lines of their own, each with a list.
  static var listedFields: [String] { get }

  /// The genotype that a value stands for; nil if it is something else.
  init?(_ value: PythonValue) throws(TextError)
  /// Whether a value has the fields of one, sound or not.
  static func hasFields(_ value: PythonValue) -> Bool

  /// What a text stands for that is nothing but a name, a number or a list; nil if it is nothing of this space.
  static func named(_ text: SourceText) throws(TextError) -> Self?

  /// What begins at an index in a form that Python does not read, and is passed; nil if nothing does.
  static func beginning(
    at index: inout Int, of text: SourceText
  ) -> Result<any SpaceGenotype, TextError>?
}

extension ReadableGenotype {
  static var fields: [String] { [] }
  static var leadingFields: [String] { [] }
  static var listedFields: [String] { [] }

  static func hasFields(_ value: PythonValue) -> Bool {
    value.namedValues.contains { leadingFields.contains($0.name) }
  }

  static func named(_ text: SourceText) throws(TextError) -> Self? { nil }

  static func beginning(
    at index: inout Int, of text: SourceText
  ) -> Result<any SpaceGenotype, TextError>? { nil }
}

/// What the texts of the genotypes of a space look like, and how they are read.
struct GenotypeKind {
  /// The form in messages.
  let form: GenotypeError.Form
  /// The type of its genotypes.
  let type: any ReadableGenotype.Type

  /// Those of all spaces, the last space first: each leaves alone what is a genotype of an earlier one.
  static let all: [GenotypeKind] = SpaceEntry.all.reversed().compactMap { entry in
    (entry.genotype as? any ReadableGenotype.Type).map {
      GenotypeKind(form: .space(entry.name), type: $0)
    }
  }

  /// The form of what has no fields of its own: that of the first space whose texts have fields.
  private static let formWithoutFields: GenotypeError.Form =
    all.last { !$0.type.fields.isEmpty }?.form ?? .other

  /// The genotype that a value stands for; nil if it is something else.
  static func genotype(_ value: PythonValue) throws(TextError) -> (any SpaceGenotype)? {
    for kind in all {
      if let genotype = try kind.type.init(value) { return genotype }
    }
    return nil
  }

  /// What a value that is no sound genotype looks like.
  static func form(of value: PythonValue) -> GenotypeError.Form {
    all.first { $0.type.hasFields(value) }?.form ?? formWithoutFields
  }

  /// What a call or dictionary looks like whose first field is called `field`.
  static func form(beginningWith field: String) -> GenotypeError.Form {
    let found = all.first {
      $0.type.fields.contains(field) || $0.type.leadingFields.contains(where: field.hasPrefix)
    }
    return found?.form ?? formWithoutFields
  }

  /// Whether a dictionary whose first key is `field` is a genotype.
  static func isBegun(by field: String) -> Bool {
    all.contains { $0.type.leadingFields.contains(where: field.hasPrefix) }
  }

  /// Whether `field` can stand with its list in a line of its own.
  static func isListed(_ field: String) -> Bool {
    all.contains { $0.type.listedFields.contains(field) }
  }
}
