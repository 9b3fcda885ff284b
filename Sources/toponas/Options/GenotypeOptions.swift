import CommandLineParsing
import Runs

extension GenotypeInput {
  /// The option that names one, or the operand of that name.
  static func option(
    _ name: String = "genotype", of what: String = kinds,
    placeholder: String = "TEXT|FILE|RUN", isRequired: Bool = false
  ) -> OptionSpec {
    OptionSpec(
      name, .text(placeholder: placeholder), help: setting(name, of: what).help,
      isRequired: isRequired, paths: .files)
  }
}
