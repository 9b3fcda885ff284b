import Datasets
import Reports
import SearchMethods
import SearchSpaces
import Settings
import TensorFiles
import Tensors
import TopologicalSimplification

/// Some steps of a search, written down so that another implementation can repeat them.
///
/// The names in the file:
///
///     before.NAME, after.NAME              every weight, alpha and running statistic by its name
///     training.images, validation.images   [steps, N, 32, 32, 3]
///     training.labels, validation.labels   [steps, N]
///     training.losses, validation.losses   [steps], each before the step of weights or alpha that it leads to
///
/// The file holds 32 bits a number. In double precision the steps start from the numbers of the file, so that
/// who repeats them starts from the same.
package struct ExportedSteps {
  package let space: SearchedSpace
  private let channels: Int
  private let cells: Int
  private let steps: Int
  private let seed: Int
  private let settings: SearchSettings
  private var size: NetworkSize { NetworkSize(channels: channels, cells: cells) }

  /// Steps of a search of what was chosen: space, channels, cells, batch, steps, seed.
  package init(_ chosen: SettingValues) throws(SearchPlanError) {
    space = chosen["space"].flatMap(SearchedSpace.init) ?? SearchedSpace.allCases[0]
    let size = space.entry.searchSize(.paper)
    channels = chosen["channels"]?.integer ?? size.network.channels
    cells = chosen["cells"]?.integer ?? size.network.cells
    guard cells >= space.entry.leastSearchedCells else { throw .tooFewCells(cells, space) }
    steps = chosen["steps"]?.integer ?? 5
    seed = chosen["seed"]?.integer ?? 1
    settings = SearchSettings(
      space.entry.searchRecipe, epochs: size.epochs,
      batchSize: chosen["batch"]?.integer ?? size.batch, alphaLearningRate: size.alphaLearningRate)
  }

  /// What is written, in a few words.
  package var summary: String {
    "\(space.rawValue), C = \(channels), \(counted(cells, "cell"))"
      + "\(space.entry.words.unit), \(counted(steps, "step")) of batch \(settings.batchSize)"
  }

  /// Takes the steps.
  package func run() throws -> SafeTensors {
    try memoryDemand.check()
    // As many images as the steps take, so that the steps are the first epoch of a search.
    let images = SyntheticImages.make(count: 2 * steps * settings.batchSize, seed: UInt64(seed))
    let generator = RandomGenerator(seed: UInt64(seed))
    let classes = images.classNames.count
    return try run(
      space.entry.supernet(
        space.entry.space(of: size), size, classes, generator),
      images, generator)
  }

  /// The batches of all steps are held as bytes, as tensors of their own, and as one for the file.
  private var memoryDemand: MemoryDemand {
    let images = ImageForm.usual.bytes(of: 2 * steps * settings.batchSize)
    let step = SupernetSize(channels: channels, cells: cells, batch: settings.batchSize)
      .peakBytes(of: space.entry.space(of: size))
    let batches = 2 * images * MemoryLayout<Scalar>.size
    return MemoryDemand(tensors: step + batches, images: images)
  }

  private func run(
    _ network: some Supernet, _ images: ImageSet, _ generator: RandomGenerator
  ) throws -> SafeTensors {
    let halves = try SearchHalves(images, batchSize: settings.batchSize, seed: generator)
    let (training, validation) = (halves.training.epoch(0), halves.validation.epoch(0))
    let batches = (0..<steps).map {
      (training: inFile(training[$0]), validation: inFile(validation[$0]))
    }
    for parameter in network.parameters + network.architectureParameters {
      parameter.value = inFile(parameter.value)
    }
    var file = SafeTensors(metadata: [
      "program": "toponas \(programVersion), \(kernelBuild)", "scalar": "\(Scalar.self)",
      "space": space.rawValue, "channels": "\(channels)", "cells": "\(cells)", "seed": "\(seed)",
      "layout": "images N H W C, kernels O kH kW I",
    ])
    file.add(network, at: "before")
    var step = SearchStep(network, settings)
    var losses = (training: [Double](), validation: [Double]())
    for batch in batches {
      let result = try step(training: batch.training, validation: batch.validation)
      losses.training.append(result.training.loss)
      losses.validation.append(result.validation.loss)
    }
    file.add(network, at: "after")
    file.add(batches.map(\.training), losses.training, at: "training")
    file.add(batches.map(\.validation), losses.validation, at: "validation")
    return file
  }

  private func inFile(_ tensor: Tensor) -> Tensor {
    Tensor(tensor.scalars.map { Scalar(Float($0)) }, shape: tensor.shape)
  }

  private func inFile(_ batch: Batch) -> Batch {
    Batch(images: inFile(batch.images), labels: batch.labels)
  }
}

extension SafeTensors {
  /// Adds all that changes in the steps of a search.
  fileprivate mutating func add(_ network: some Supernet, at time: String) {
    for parameter in network.parameters + network.architectureParameters + network.buffers {
      self["\(time).\(parameter.name)"] = .scalars(parameter.value)
    }
  }

  /// Adds batches of one half, and the losses on them.
  fileprivate mutating func add(_ batches: [Batch], _ losses: [Double], at half: String) {
    let shape = batches[0].images.shape
    self["\(half).images"] = .scalars(
      Tensor(
        batches.flatMap(\.images.scalars), shape: Shape([batches.count] + shape.extents)))
    self["\(half).labels"] = .integers(
      batches.flatMap(\.labels).map { Int32($0) }, shape: [batches.count, shape.images])
    self["\(half).losses"] = .scalars(Tensor(vector: losses))
  }
}
