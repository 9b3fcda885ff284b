import Datasets
import Messages
import Reports
import SearchMethods
import SearchSpaces
import Tensors
import TopologicalSimplification

/// What a command will need of the machine's memory, known before any of it is taken.
package struct MemoryDemand {
  /// Bytes that tensors are predicted to hold at one time, or fewer.
  package let tensors: Int
  /// Images that are held, in bytes.
  package let images: Int

  /// The memory that this process can have, in bytes.
  package static let available = availableMemory()

  /// A demand of tensors, and of the pixels of all images beside them.
  package init(tensors: Int, images: Int) { (self.tensors, self.images) = (tensors, images) }

  /// Throws if this machine has not so much.
  package func check(available: Int = available) throws(MemoryError) {
    guard tensors + images <= available else {
      throw MemoryError(demand: tensors + images, available: available)
    }
  }
}

/// The options ask for more memory than there is.
package struct MemoryError: UserError, Equatable {
  package let demand: Int
  package let available: Int

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .usage }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    """
    this needs \(mebibytes(demand)) of memory or more, and this process can have \(mebibytes(available))
    Hint: lower \(setting: "batch"), \(setting: "channels"), \(setting: "cells"), or the number of images or steps.
    """
  }
}

/// There is no more memory, though there seemed to be enough.
package struct MemoryExhaustion: UserError, Equatable {
  /// Bytes of the tensor for which there is none.
  package let wanted: Int

  /// There is none for so many bytes.
  package init(wanted: Int) { self.wanted = wanted }

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .failed }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    """
    the system gives no more memory: \(mebibytes(wanted)) more are wanted
    Hint: lower \(setting: "batch"), \(setting: "channels") or \(setting: "cells"), or leave more memory to this process; a run goes on from its last \
    checkpoint.
    """
  }
}

/// The size of a supernet and its batches, on which the memory of a search depends.
package struct SupernetSize {
  package let channels: Int
  package let cells: Int
  package let batch: Int
  package var images = ImageForm.usual

  /// The bytes that tensors will hold at the peak of a search on `space`.
  ///
  /// They are measured, unless what is counted without any network is more than this machine has: then it is that.
  package func peakBytes(of space: SearchSpace, _ method: any SearchAlgorithm = DARTS()) -> Int {
    let least = leastBytes(of: method.prepare(space))
    guard least <= MemoryDemand.available else { return least }
    return predictedPeakBytes(
      of: space, channels: channels, cells: cells, batch: batch, classes: images.classes,
      imageExtent: images.extent, method: method, limit: MemoryDemand.available)
  }

  /// A lower bound that needs no network: weights, momentum and gradients, and the nodes of all cells.
  private func leastBytes(of space: SearchSpace) -> Int {
    let weights = supernetCost(
      of: space, channels: channels, cells: cells, classes: images.classes
    ).parameters
    return space.plan(channels: channels, cells: cells, imageExtent: images.extent)
      .leastTrainingBytes(weights: weights, nodes: space.innerNodes.count, batch: batch)
  }
}

extension NetworkPlan {
  /// What a training holds at least: weights, momentum and gradients, and so many nodes of each cell, which the backward
  /// pass reads.
  fileprivate func leastTrainingBytes(weights: Int, nodes: Int, batch: Int) -> Int {
    let maps = cells.reduce(0) { $0 + nodes * $1.size.channels * $1.output.pixels }
    return (3 * weights + batch * maps) * MemoryLayout<Scalar>.size
  }
}

extension SearchPlan {
  /// The bytes that tensors will hold at the peak of the search on `space`.
  package func predictedBytes(of space: SearchSpace) -> Int {
    SupernetSize(
      channels: channels, cells: cells, batch: settings.batchSize, images: imageForm
    ).peakBytes(of: space, searchMethod)
  }

  /// The bytes that tensors will hold at the peak of the search; throws if this machine has not so much, nor the room
  /// for so many images.
  package func checkedMemory(images count: Int) throws(MemoryError) -> Int {
    let bytes = predictedBytes(of: searchSpace)
    try MemoryDemand(tensors: bytes, images: imageForm.bytes(of: count)).check()
    return bytes
  }
}

extension EvaluationPlan {
  /// What a training on so many images, and a test on others, will need at least.
  package func memoryDemand(images count: Int) -> MemoryDemand {
    let bytes = networkPlan.leastTrainingBytes(
      weights: cost.parameters, nodes: 1, batch: settings.batchSize)
    return MemoryDemand(tensors: bytes, images: imageForm.bytes(of: count))
  }

  private var networkPlan: NetworkPlan {
    genotype.genotype.plan(
      NetworkSize(channels: channels, cells: cells), imageExtent: imageForm.extent)
  }
}
