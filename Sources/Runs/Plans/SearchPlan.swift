import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Settings
import Tensors
import TopologicalSimplification

/// Everything that determines a search: the preset with the options of the command line over it.
///
/// The only place where search methods and topological simplification meet.
package struct SearchPlan: Codable {
  package var preset: SizePreset
  package var method: MethodPlan
  package var space: SearchedSpace
  /// The values of the space's own settings; nil if it has none.
  package var spaceOptions: SpaceOptions?
  package var isSimplified: Bool
  /// How it is simplified; nil if it is not.
  package var simplification: Simplification?
  /// Where the images are; nil is synthetic images.
  package var data: String?
  /// What the network is built for; nil is as usual.
  package var images: ImageForm?
  package var trainImages: Int?
  package var channels: Int
  package var cells: Int
  package var settings: SearchSettings
  package var seed: Int
  /// How dense convolutions are computed; nil is directly.
  package var convolution: ConvolutionAlgorithm?
  package private(set) var version = programVersion
  /// What the kernels were built for; losses agree to the last bit between equal builds.
  package private(set) var build = kernelBuild

  /// The plan of a preset, simplified, on synthetic images.
  private init(_ preset: SizePreset, _ method: MethodPlan, _ space: SearchedSpace) {
    let size = preset.searchSize(of: space.entry, by: method.entry)
    (self.preset, self.method, self.space) = (preset, method, space)
    spaceOptions = SpaceOptions(space.entry, size.spaceValues)
    (isSimplified, simplification) = (true, Simplification())
    (trainImages, channels, cells) = (size.images, size.network.channels, size.network.cells)
    settings = SearchSettings(
      space.entry.searchRecipe, epochs: size.epochs, batchSize: size.batch,
      alphaLearningRate: size.alphaLearningRate)
    (seed, convolution) = (1, .automatic)
  }

  /// What was chosen, over another plan, or over a preset: `standard` where none is chosen.
  package init(
    _ chosen: SettingValues, over base: SearchPlan? = nil, standard: SizePreset = .tiny
  ) throws {
    let preset = chosen["preset"].flatMap(SizePreset.init)
    if let preset, preset != .tiny, chosen["data"] == nil, base?.data == nil {
      throw SearchPlanError.needsData(preset: preset.rawValue)
    }
    if let base {
      try base.checkStart(chosen)
      self = base
      (version, build) = (programVersion, kernelBuild)
    } else {
      var method = MethodPlan(MethodEntry.all[0])
      MethodPlan.settings.apply(chosen, to: &method)
      self.init(
        preset ?? standard, method,
        chosen["space"].flatMap(SearchedSpace.init) ?? SearchedSpace.allCases[0])
    }
    try method.check(chosen)
    guard chosen["warm-up-epochs"] == nil || searchMethod is any SearchMethod else {
      throw SearchPlanError.neverWarmsUp(method: method.name)
    }
    _ = try SpaceOptions.values(chosen, of: space)
    Self.settings.apply(chosen, to: &self)
    if base == nil {
      searchMethod.adapt(&settings)
      Self.settings.apply(chosen.only(["warm-up-epochs"]), to: &self)
    }
    if !isSimplified, let name = chosen.names.intersection(Simplification.names).min() {
      throw SearchPlanError.simplifiesNothing(setting: name)
    }
    try checkWhole()
  }

  /// Throws if another start was chosen than that of this plan.
  private func checkStart(_ chosen: SettingValues) throws(SearchPlanError) {
    let own = Self.settings.values(of: self)
    for name in ["preset", "space", "method"] where chosen[name] ?? own[name] != own[name] {
      throw .startsElsewhere(name)
    }
  }

  /// Throws if the values do not fit each other, each of which is in its range.
  package func checkWhole() throws {
    guard cells >= space.entry.leastSearchedCells else {
      throw SearchPlanError.tooFewCells(cells, space)
    }
    try simplification?.check()
    try checkMethod()
    let parts = searchMethod.prepare(plainSpace).nodeForm.channelDivisor
    guard channels.isMultiple(of: parts) else {
      throw SearchPlanError.unequalParts(channels: channels, parts: parts, method: method.name)
    }
    guard settings.frozenEpochs < settings.epochs else {
      throw SearchPlanError.alphaNeverMoves(
        frozen: settings.frozenEpochs, epochs: settings.epochs)
    }
  }

  private func checkMethod() throws(SearchPlanError) {
    guard method.entry.searches(space.entry) else {
      throw .unsuitable(
        method: method.name, space,
        suitable: SpaceEntry.all.filter(method.entry.searches).map(\.name))
    }
    if let objection = searchMethod.objection(to: unpreparedSpace) { throw .objection(objection) }
  }

  /// What simplifies the space before the search, if anything does.
  package var simplifier: Simplifier? { simplification?.simplifier }

  /// Finds the images to search on, which are at `data` now.
  package func findImages(at data: String?) throws(DatasetError) -> RunImages {
    try RunImages(at: data, wanted: trainImages, seed: UInt64(seed))
  }

  /// The plan for images of a form.
  package func fitted(to form: ImageForm) -> SearchPlan {
    var plan = self
    plan.images = form == .usual ? nil : form
    return plan
  }

  /// What the network is built for.
  package var imageForm: ImageForm { images ?? .usual }

  /// The table in which derived cells are looked up, if the user named one; no part of the plan.
  package func benchmark(_ file: String?) throws -> NASBench201Table? {
    guard let file else { return nil }
    guard space.entry.isBenchmarked else { throw SearchPlanError.notInBenchmark(space) }
    return try NASBench201Table(file: file)
  }

  package var seedGenerator: RandomGenerator { RandomGenerator(seed: UInt64(seed)) }

  /// The method with its numbers.
  package var searchMethod: any SearchAlgorithm { method.method(seed: seedGenerator) }

  /// The space before any simplification.
  package var plainSpace: SearchSpace {
    space.entry.space(of: size, spaceOptions?.values ?? SettingValues())
  }

  /// The space as it is searched: simplified, if it is to be, and prepared for the method.
  package var searchSpace: SearchSpace {
    searchMethod.prepare(unpreparedSpace)
  }

  private var unpreparedSpace: SearchSpace { simplifier?.simplify(plainSpace) ?? plainSpace }

  /// The network that holds all its cells.
  package func supernet(classes: Int) -> any Supernet {
    space.entry.supernet(searchSpace, size, classes, seedGenerator)
  }

  /// The search at its beginning, in a network of this plan.
  package func search(_ network: some Supernet, _ images: ImageSet) throws -> any Search {
    try search(network, images, settings, by: searchMethod)
  }

  /// The search with other settings and numbers of the method than those of the plan.
  package func search(
    _ network: some Supernet, _ images: ImageSet, _ settings: SearchSettings,
    by algorithm: any SearchAlgorithm
  ) throws -> any Search {
    let task = SearchTask(images, settings, size: size, seed: seedGenerator) { space in
      self.space.entry.supernet(space, size, imageForm.classes, seedGenerator)
    }
    return try algorithm.search(network, task)
  }

  /// How many units of work the search has at most.
  package var units: Int { searchMethod.units(settings) }

  /// The size of the supernet.
  package var size: NetworkSize {
    NetworkSize(
      channels: channels, cells: cells, hasAuxiliaryHead: searchMethod.usesAuxiliaryHead)
  }

  /// The size of the supernet: `C = 8, N = 1`.
  package var sizeText: String { space.entry.text(size) }

  /// A name for the run folder; a number is added to one that is taken.
  package var defaultFolder: String {
    "runs/\(space.rawValue)-\(method.name)-\(isSimplified ? "simplified" : "plain")-seed\(seed)"
  }

  /// The choices that make the same plan with the other kind of space.
  package var counterpart: SettingValues {
    var other = self
    (other.isSimplified, other.simplification) = (
      !isSimplified, isSimplified ? nil : Simplification()
    )
    return other.choices
  }

  /// The choices that make the same plan again: all sizes and numbers, and of the rest what differs from the default.
  ///
  /// Nil if some values came from another file and cannot be chosen.
  package var repeatChoices: SettingValues? {
    guard let plan = try? SearchPlan(choices), plan.fitted(to: imageForm).leaves == leaves else {
      return nil
    }
    return choices
  }

  private var choices: SettingValues {
    let own = Self.settings.values(of: self)
    func difference(from chosen: Set<String>) -> Set<String> {
      guard let usual = try? SearchPlan(own.only(chosen)) else { return [] }
      let values = Self.settings.values(of: usual)
      return chosen.union(own.names.filter { own[$0] != values[$0] })
    }
    let start = difference(from: Self.sizes).intersection(Self.sizes.union(["method", "space"]))
    return own.only(difference(from: start))
  }

  /// What is named even if it is as usual.
  private static let sizes: Set = [
    "preset", "simplify", "data", "train-images", "epochs", "batch", "channels", "cells", "seed",
  ]
}

/// Why the options do not make a search.
package enum SearchPlanError: UserError, Equatable {
  /// A preset for real images was given none.
  case needsData(preset: String)
  /// All cells of so small a network would halve the image.
  case tooFewCells(Int, SearchedSpace)
  /// A setting belongs to another method.
  case foreignSetting(String, of: String, method: String)
  /// A setting belongs to another space.
  case foreignSpaceSetting(String, of: String, space: String)
  /// The channels cannot be cut into parts.
  case unequalParts(channels: Int, parts: Int, method: String)
  /// No epoch is left for alpha.
  case alphaNeverMoves(frozen: Int, epochs: Int)
  /// Epochs of the weights alone were chosen for a search that does not alternate.
  case neverWarmsUp(method: String)
  /// A setting says how to simplify, another one not to.
  case simplifiesNothing(setting: String)
  /// A setting chooses other numbers to start from than those of a configuration.
  case startsElsewhere(String)
  /// The method cannot search the space.
  case unsuitable(method: String, SearchedSpace, suitable: [String])
  /// The method, with its numbers, objects to the space.
  case objection(Message)
  /// A table of NAS-Bench-201 was given for the cells of another space.
  case notInBenchmark(SearchedSpace)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .needsData(let preset):
      """
      \(setting: "preset") \(preset) is for real images and needs \(setting: "data") DIR
      Hint: without \(setting: "preset") it runs on synthetic images.
      """
    case .tooFewCells(let cells, let space):
      """
      \(setting: "cells") \(cells): a supernet of \(space.rawValue) has \(space.entry.leastSearchedCells) cells or more
      Hint: \(setting: "cells") \(space.entry.leastSearchedCells) or more.
      """
    case .foreignSetting(let name, let owner, let method):
      """
      \(setting: name) is an option of \(owner), but the method is \(method)
      Hint: add \(setting: "method") \(owner), or leave \(setting: name) out.
      """
    case .foreignSpaceSetting(let name, let owner, let space):
      """
      \(setting: name) is an option of \(owner), but the space is \(space)
      Hint: add \(setting: "space") \(owner), or leave \(setting: name) out.
      """
    case .unsuitable(let method, let space, let suitable):
      """
      \(setting: "method") \(method) keeps any number of operations on an edge, which an architecture of \(space.rawValue) cannot have
      Hint: \(setting: "space") \(suitable.joined(separator: " or ")).
      """
    case .objection(let message): message
    case .unequalParts(let channels, let parts, let method):
      """
      \(setting: "channels") \(channels): expected a multiple of \(parts), for \(method) takes one in \(parts) channels
      Hint: \(setting: "channels") \((channels / parts + 1) * parts), or another part of the channels.
      """
    case .alphaNeverMoves(let frozen, let epochs):
      """
      \(setting: "warm-up-epochs") \(frozen): expected fewer than the \(counted(epochs, "epoch")) of the search, or alpha never moves
      Hint: lower \(setting: "warm-up-epochs"), or raise \(setting: "epochs").
      """
    case .neverWarmsUp(let method):
      """
      \(setting: "warm-up-epochs") is for methods that alternate steps of the weights and of alpha, which \(method) does not
      Hint: leave it out.
      """
    case .simplifiesNothing(let name):
      """
      \(setting: name) says how to simplify, but the space is to be searched as it is
      Hint: leave it out, or add \(setting: "simplify").
      """
    case .startsElsewhere(let name):
      """
      \(setting: name) is another one than in the configuration to start from
      Hint: leave it out, or begin without \(setting: "config").
      """
    case .notInBenchmark(let space):
      """
      \(setting: "nasbench"): the benchmark holds cells of nasbench201, none of \(setting: "space") \(space.rawValue)
      Hint: leave it out, or search \(setting: "space") nasbench201.
      """
    }
  }
}
