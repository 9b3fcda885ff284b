import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Settings
import Tensors
import TopologicalSimplification

/// Everything that determines the training of a derived cell.
package struct EvaluationPlan: Codable {
  package var preset: SizePreset
  package var space: SearchedSpace
  package var genotype: GenotypeInput
  /// The file whose weights it starts from; nil is random ones.
  package var weights: String?
  /// Where the images are; nil is synthetic images.
  package var data: String?
  /// What the network is built for; nil is as usual.
  package var images: ImageForm?
  package var trainImages: Int?
  package var testImages: Int?
  package var channels: Int
  package var cells: Int
  package var settings: TrainingSettings
  package var seed: Int
  /// How dense convolutions are computed; nil is directly.
  package var convolution: ConvolutionAlgorithm?
  package private(set) var version = programVersion
  /// What the kernels were built for; losses agree to the last bit between equal builds.
  package private(set) var build = kernelBuild

  /// The plan of a preset, as far as `source`, a file of weights, does not say otherwise.
  private init(_ preset: SizePreset, _ genotype: GenotypeInput, _ source: WeightsSource?) {
    let entry = genotype.space.entry
    let size = entry.trainingSize(preset)
    (self.preset, self.genotype, space) = (preset, genotype, genotype.space)
    (trainImages, testImages) = (size.images, size.testImages)
    channels = source?.number(.channels, in: Self.settings) ?? size.network.channels
    cells =
      genotype.genotype.ownCellCount ?? source?.number(.cells, in: Self.settings)
      ?? size.network.cells
    settings = TrainingSettings(entry.trainingRecipe, epochs: size.epochs, batchSize: size.batch)
    // A network whose weights are given keeps its auxiliary head, or does without.
    if let source, !source.hasAuxiliaryHead { settings.auxiliaryWeight = nil }
    (seed, convolution) = (1, .automatic)
  }

  /// What was chosen, over another plan, or over a preset and what `source`, the file of weights, says of its network.
  ///
  /// If a text holds several genotypes, `remark` receives which one is taken.
  package init(
    _ chosen: SettingValues, over base: EvaluationPlan? = nil, weights source: WeightsSource? = nil,
    remark: (Message) -> Void = { _ in }
  ) throws {
    let text = chosen["genotype"]?.word ?? base?.genotype.text ?? source?.value(.genotype)
    guard let text else { throw EvaluationPlanError.noGenotype }
    let preset = chosen["preset"].flatMap(SizePreset.init)
    if let preset, preset != .tiny, chosen["data"] == nil, base?.data == nil {
      throw SearchPlanError.needsData(preset: preset.rawValue)
    }
    let genotype = try GenotypeInput(text, remark: remark)
    if let base {
      self = base
      (version, build) = (programVersion, kernelBuild)
      (self.genotype, space) = (genotype, genotype.space)
      cells = genotype.genotype.ownCellCount ?? cells
    } else {
      self.init(preset ?? .tiny, genotype, source)
    }
    try checkRecipe(chosen)
    Self.settings.apply(chosen, to: &self)
    try checkWhole()
  }

  /// Throws if something was chosen that the published training of the space does without.
  private func checkRecipe(_ chosen: SettingValues) throws(EvaluationPlanError) {
    for name in chosen.names.sorted() where !isInRecipe(name) {
      throw .notInRecipe(setting: name, of: space)
    }
  }

  /// Whether the published training of the space knows such a setting.
  private func isInRecipe(_ name: String) -> Bool {
    switch name {
    case "drop-path": space.entry.trainingRecipe.dropPath != nil
    case "auxiliary": space.entry.trainingRecipe.auxiliaryWeight != nil
    default: true
    }
  }

  /// Throws if the values do not fit each other, each of which is in its range.
  package func checkWhole() throws {
    guard cells >= space.entry.leastDerivedCells else {
      throw EvaluationPlanError.tooFewCells(cells, space)
    }
    if let own = genotype.genotype.ownCellCount, own != cells {
      throw EvaluationPlanError.otherCells(cells, own: own)
    }
    guard settings.epochs > 0 || weights != nil else { throw EvaluationPlanError.nothingToDo }
  }

  /// Finds the images to train on, unless nothing is trained, and those to test on, of which none is among the others.
  ///
  /// They are at `data` now.
  package func findImages(
    at data: String?
  ) throws(DatasetError) -> (training: RunImages?, test: RunImages) {
    // No seed of the command line has the highest bit.
    let test = try RunImages(
      at: data, .test, wanted: testImages, seed: UInt64(seed) | 1 << 63)
    guard settings.epochs > 0 else { return (nil, test) }
    let training = try RunImages(at: data, wanted: trainImages, seed: UInt64(seed))
    guard training.form.extent == test.form.extent else {
      throw .otherTestExtent(expected: training.form.extent, found: test.form.extent)
    }
    return (training, test)
  }

  /// The plan for images of a form; the auxiliary head, which is made for the usual size, is left out of another.
  package func fitted(to form: ImageForm) -> EvaluationPlan {
    var plan = self
    plan.images = form == .usual ? nil : form
    if form.extent != ImageExtent.usual { plan.settings.auxiliaryWeight = nil }
    return plan
  }

  /// What the network is built for.
  package var imageForm: ImageForm { images ?? .usual }

  package var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The size of the network.
  package var size: NetworkSize {
    NetworkSize(
      channels: channels, cells: cells, hasAuxiliaryHead: settings.auxiliaryWeight != nil)
  }

  /// The network, with random weights.
  package func network(classes: Int) -> any DiscreteNetwork {
    func make<Genotype: SpaceGenotype>(_ genotype: Genotype) -> any DiscreteNetwork {
      DerivedNetwork(
        genotype, channels: channels, cells: cells, classes: classes,
        hasAuxiliaryHead: size.hasAuxiliaryHead, seed: seedGenerator)
    }
    return make(genotype.genotype)
  }

  /// What the network costs; the auxiliary head, which runs in training only, is not counted.
  package var cost: NetworkCost {
    networkCost(
      of: genotype.genotype, channels: channels, cells: cells, classes: imageForm.classes,
      imageExtent: imageForm.extent)
  }

  /// The size of the network: `C = 8, N = 1`.
  package var sizeText: String { space.entry.text(size) }

  /// The choices that make the same plan again.
  package var repeatChoices: SettingValues {
    let own = Self.settings.values(of: self)
    return own.only(own.names.filter { isInRecipe($0) })
  }

  /// A name for the run folder; a number is added to one that is taken.
  package var defaultFolder: String { "runs/\(space.rawValue)-evaluation-seed\(seed)" }
}

/// Why the options make no training.
package enum EvaluationPlanError: UserError, Equatable {
  /// There is nothing to train.
  case noGenotype
  /// Too few cells for the two that halve the image.
  case tooFewCells(Int, SearchedSpace)
  /// The genotype says what each of its cells is, and there are others.
  case otherCells(Int, own: Int)
  /// No epoch, and no weights that could be tested.
  case nothingToDo
  /// The architectures of a space are trained without it.
  case notInRecipe(setting: String, of: SearchedSpace)
  /// The auxiliary head has no place in maps of another size.
  case noAuxiliaryHead(extent: Int)
  /// The weights that a run begins with are not where its configuration says.
  case weightsMoved(reason: String)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { if case .weightsMoved = self { .noInput } else { .usage } }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .noGenotype:
      """
      \(setting: "genotype") is needed
      Hint: toponas evaluate \(setting: "genotype") runs/nasbench201-darts-simplified-seed1/genotype.json
      """
    case .tooFewCells(let cells, let space):
      """
      \(setting: "cells") \(cells): a network of \(space.rawValue) has \(space.entry.leastDerivedCells) cells or more
      Hint: \(setting: "cells") \(space.entry.leastDerivedCells) or more.
      """
    case .otherCells(let cells, let own):
      """
      \(setting: "cells") \(cells): the genotype has \(counted(own, "cell")), each with operations of its own
      Hint: leave it out.
      """
    case .nothingToDo:
      """
      \(setting: "epochs") 0 trains nothing, and no weights are given that could be tested
      Hint: raise \(setting: "epochs"), or add \(setting: "weights") FILE.
      """
    case .notInRecipe(let name, let space):
      """
      \(setting: name): \(space.entry.words.genotype) is trained without, as published
      Hint: leave it out.
      """
    case .noAuxiliaryHead(let extent):
      """
      \(setting: "auxiliary"): the published auxiliary head is made for images of 32 x 32 pixels, found \(extent) x \(extent)
      Hint: leave it out, and the training does without.
      """
    case .weightsMoved(let reason):
      """
      \(verbatim: reason)
      Hint: the run begins with these weights, and has no checkpoint yet; put them back there, or begin anew with \(setting: "weights").
      """
    }
  }
}
