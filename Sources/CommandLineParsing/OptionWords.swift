extension ParsedOptions {
  /// The words that give the same values to another command that has options like `specs`.
  ///
  /// Options that were not given make no words, nor do operands.
  public func words(for specs: [OptionSpec]) -> [String] {
    specs.compactMap { spec in
      let name = spec.name
      return switch spec.value {
      case .flag: flag(name).map { $0 ? "--\(name)" : "--no-\(name)" }
      case .integer: integer(name).map { "--\(name)=\($0)" }
      case .number: number(name).map { "--\(name)=\($0)" }
      case .texts: nil
      case .choice, .text: text(name).map { "--\(name)=\($0)" }
      }
    }
  }
}
