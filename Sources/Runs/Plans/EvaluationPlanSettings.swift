import SearchMethods
import SearchSpaces
import Settings

extension EvaluationPlan {
  /// Everything that can be chosen of a training, in the order of the help.
  package static let settings: [PlanSetting<EvaluationPlan>] = [
    PlanSetting(GenotypeInput.setting()) {
      .word($0.genotype.text)
    } set: { _, _ in
      // It is read before all others, which depend on its space.
    },
    PlanSetting(
      Setting(
        "preset", .choice(SizePreset.allCases.map(\.rawValue)),
        help: "Which numbers to start from.", standard: .word(SizePreset.tiny.rawValue)),
      \.preset),
    PlanSetting(
      Setting(
        "data", .text(placeholder: "DIR"),
        help:
          "Folder with CIFAR-10 or CIFAR-100 in binary form, or with the folders train and test (or val), each with "
          + "a folder of PPM or PGM pictures for each class; small and paper need it. Without epochs only the images "
          + "to test on are needed.",
        standardText: "synthetic images"), \.data),
    PlanSetting(
      Setting(
        "train-images", .integer(1...1_000_000),
        help: "Images to train on, evenly from all classes.",
        standardText: numbers { $0.images.map(String.init) ?? "all" }), \.trainImages),
    PlanSetting(
      Setting(
        "test-images", .integer(1...1_000_000), help: "Images to test on, evenly from all classes.",
        standardText: numbers { $0.testImages.map(String.init) ?? "all" }), \.testImages),
    PlanSetting(
      Setting(
        "epochs", .integer(0...100_000),
        help: "Passes over the training images; 0, with weights from a file, only tests.",
        standardText: numbers { "\($0.epochs)" }), \.settings.epochs),
    PlanSetting(
      Setting(
        "batch", .integer(1...4096), help: "Images per step.",
        standardText: numbers { "\($0.batch)" }), \.settings.batchSize),
    PlanSetting(
      Setting(
        "channels", .integer(1...512), help: "Channels C of the first cells.",
        standardText: numbers { "\($0.network.channels)" }), \.channels),
    PlanSetting(
      Setting(
        "cells", .integer(1...100),
        help: "Cells: \(SpaceEntry.counting(\.leastDerivedCells)).",
        standardText: numbers { "\($0.network.cells)" }), \.cells),
    PlanSetting(
      Setting(
        "learning-rate", .number(0...100), help: "Learning rate in the first epoch.",
        standardText: recipes { "\($0.learningRate)" }), \.settings.learningRate),
    PlanSetting(
      Setting(
        "cutout", .integer(0...64),
        help: "Side of the square, in pixels, that is cut out of each training image; 0 is none.",
        standardText: recipes { "\($0.cutout)" }), \.settings.cutout),
    PlanSetting(
      Setting(
        "drop-path", .number(0...0.999),
        help:
          "For \(SpaceEntry.names("and") { $0.trainingRecipe.dropPath != nil }): how likely an image loses an operation; grows from 0 to this.",
        standardText: recipes { $0.dropPath.map { "\($0)" } }), \.settings.dropPath),
    PlanSetting(
      Setting(
        "auxiliary", .flag,
        help:
          "For \(SpaceEntry.names("and") { $0.trainingRecipe.auxiliaryWeight != nil }): "
          + "a second classifier in training, its loss times 0.4; for images of 32 x 32 pixels alone.",
        standard: .flag(true))
    ) {
      .flag($0.settings.auxiliaryWeight != nil)
    } set: {
      $0.settings.auxiliaryWeight =
        $1.flag == true ? $0.space.entry.trainingRecipe.auxiliaryWeight : nil
    },
    seedSetting(\.seed), convolutionSetting(\.convolution),
    PlanSetting(
      Setting(
        "weights", .text(placeholder: "FILE"),
        help:
          "Start from the weights in this safetensors file, which `toponas export` or PyTorch wrote, instead of "
          + "random ones. Cell and size are then those that the file names, if it does."), \.weights
    ),
  ]

  /// A number of the recipes of all spaces that have it, with slashes between.
  private static func recipes(_ text: (TrainingRecipe) -> String?) -> String {
    SpaceEntry.all.compactMap { text($0.trainingRecipe) }.joined(separator: "/")
  }

  private static func numbers(_ text: (TrainingSize) -> String) -> String {
    SizePreset.list { text($0.trainingSize($1)) }
  }
}
