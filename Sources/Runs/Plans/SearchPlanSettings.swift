import SearchSpaces
import Settings

extension SearchPlan {
  /// Everything that can be chosen of a search, in the order of the help.
  package static let settings: [PlanSetting<SearchPlan>] =
    [
      PlanSetting(
        Setting(
          "preset", .choice(SizePreset.allCases.map(\.rawValue)),
          help: "Which numbers to start from.", standard: .word(SizePreset.tiny.rawValue)),
        \.preset)
    ] + MethodPlan.settings.prefix(1).map { $0.within(\.method) } + [
      PlanSetting(
        Setting(
          "warm-up-epochs", .integer(0...100_000),
          help: "Epochs at the start in which the weights move alone.",
          standardText: "0; for pc-darts 15 of 50 epochs, in proportion"), \.settings.frozenEpochs)
    ] + MethodPlan.settings.dropFirst().map { $0.within(\.method) } + spaceSettings + [
      PlanSetting(
        Setting(
          "data", .text(placeholder: "DIR"),
          help:
            "Folder with CIFAR-10 or CIFAR-100 in binary form, or with a folder of PPM or PGM pictures for each class; "
            + "small and paper need it. `toponas data` fetches, imports and checks it.",
          standardText: "synthetic images"), \.data),
      PlanSetting(
        Setting(
          "train-images", .integer(2...1_000_000),
          help: "Images to use, evenly from all classes; half train weights, half alpha.",
          standardText: numbers { $0.images.map(String.init) ?? "all" }), \.trainImages),
      PlanSetting(
        Setting(
          "epochs", .integer(1...100_000), help: "Passes over the training half.",
          standardText: numbers { "\($0.epochs)" }), \.settings.epochs),
    ] + sizeSettings { preset in numbers(preset) } + [
      seedSetting(\.seed), convolutionSetting(\.convolution),
    ]

  /// The choice of a space, and of how it is simplified.
  package static let spaceSettings: [PlanSetting<SearchPlan>] =
    [
      PlanSetting(
        Setting(
          "space", .choice(SpaceEntry.all.map(\.name)), help: "The search space.",
          standard: .word(SpaceEntry.all[0].name)), \.space)
    ] + SpaceOptions.settings.map { $0.within(optional: \.spaceOptions) } + [
      PlanSetting(
        Setting(
          "simplify", .flag,
          help: "Simplify the supernet's topology before the search, or search it as it is.",
          standard: .flag(true))
      ) {
        .flag($0.isSimplified)
      } set: { plan, value in
        plan.isSimplified = value.flag ?? true
        plan.simplification = plan.isSimplified ? plan.simplification ?? Simplification() : nil
      }
    ] + Simplification.settings.map { $0.within(optional: \.simplification) }

  /// Batch, channels and cells; `standard` says what is usual.
  package static func sizeSettings(
    _ standard: ((SearchSize) -> String) -> String
  ) -> [PlanSetting<SearchPlan>] {
    [
      PlanSetting(
        Setting(
          "batch", .integer(1...4096), help: "Images per step.",
          standardText: standard { "\($0.batch)" }), \.settings.batchSize),
      PlanSetting(
        Setting(
          "channels", .integer(1...512), help: "Channels C of the first stage.",
          standardText: standard { "\($0.network.channels)" }), \.channels),
      PlanSetting(
        Setting(
          "cells", .integer(1...100),
          help: "Cells: \(SpaceEntry.counting(\.leastSearchedCells)).",
          standardText: standard { "\($0.network.cells)" }), \.cells),
    ]
  }

  private static func numbers(_ text: (SearchSize) -> String) -> String {
    SizePreset.list { text($0.searchSize($1)) }
  }
}

/// The seed of a plan.
package func seedSetting<Plan>(_ path: any WritableKeyPath<Plan, Int> & Sendable) -> PlanSetting<
  Plan
> {
  PlanSetting(
    Setting("seed", .integer(0...Int.max), help: "Everything random follows from it.", standard: 1),
    path)
}
