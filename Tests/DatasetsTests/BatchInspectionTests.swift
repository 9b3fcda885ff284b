import Datasets
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Inspection of batches")
struct BatchInspectionTests {
  private func records(_ labels: [UInt8]) -> [UInt8] {
    labels.flatMap { [$0] + [UInt8](repeating: 77, count: 3072) }
  }

  /// The inspection of a folder with one batch file.
  private func inspect(
    _ bytes: [UInt8], _ demand: CIFAR10.Demand
  ) throws -> CIFAR10.BatchInspection {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: "data_batch_2.bin")
    let (batches, missing) = try CIFAR10.inspect(folder: folder.path, demand)
    #expect(missing == [1, 3, 4, 5].map { "data_batch_\($0).bin" } + ["test_batch.bin"])
    return try #require(batches.first)
  }

  @Test func `a subset is in order where records are asked for`() throws {
    let batch = try inspect(records([1, 3, 3, 9]), .records)
    #expect(batch.imagesPerClass == [0, 1, 0, 2, 0, 0, 0, 0, 0, 1])
    #expect(batch.bytes == 4 * 3073 && batch.problem == nil && !batch.isOfficial)
    #expect(batch.md5 == MD5(of: records([1, 3, 3, 9])).hexadecimal)
  }

  @Test(arguments: [CIFAR10.Demand.official, .complete])
  func `otherwise it has the wrong size`(_ demand: CIFAR10.Demand) throws {
    let batch = try inspect(records([1, 2]), demand)
    #expect(
      batch.problem == .wrongSize(file: batch.file, expected: 30_730_000, found: 2 * 3073))
    #expect((batch.md5 == nil) == (demand == .complete))
  }

  @Test func `whole records with labels from 0 to 9`() throws {
    let label = try inspect(records([1, 10, 200]), .records)
    #expect(
      label.problem == .badLabel(file: label.file, record: 1, label: 10, classes: 10))
    #expect(label.imagesPerClass.reduce(0, +) == 1)
    let broken = try inspect(Array(records([1, 2]).dropLast()), .records)
    #expect(broken.problem == .brokenRecord(file: broken.file, bytes: 6145, recordBytes: 3073))
    #expect(broken.imagesPerClass.reduce(0, +) == 1)
  }

  @Test func `of the full size, but other images`() throws {
    let bytes = [UInt8](repeating: 0, count: CIFAR10.batchBytes)
    #expect(try inspect(bytes, .complete).problem == nil)
    let batch = try inspect(bytes, .official)
    #expect(
      batch.problem
        == .wrongChecksum(
          file: batch.file, expected: "5ea93a67294ea407fff1d09f752e9692",
          found: try #require(batch.md5)))
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the real files are the official ones`() throws {
    let (batches, _) = try CIFAR10.inspect(
      folder: try #require(DevelopmentData.cifar10), .official)
    #expect(!batches.isEmpty)
    for batch in batches { #expect(batch.isOfficial && batch.problem == nil) }
  }

  @Test func `ten thousand random damages give images or an error`() {
    var generator = RandomGenerator(seed: 13)
    let whole = records([0, 9])
    var refused = 0
    for _ in 0..<10_000 {
      var damaged = whole
      for _ in 0...generator.integer(below: 3) {
        let place = generator.integer(below: 2) == 0 ? 3073 : generator.integer(below: 6146)
        damaged[place] = UInt8(
          generator.integer(below: generator.integer(below: 2) == 0 ? 12 : 256))
      }
      if generator.integer(below: 8) == 0 {
        damaged.removeLast(generator.integer(below: damaged.count))
      }
      do throws(DatasetError) {
        let batch = try CIFAR10.decode(Data(damaged), file: "x")
        #expect(batch.labels.allSatisfy { $0 <= 9 })
        #expect(batch.pixels.count == batch.labels.count * ImageSet.imageBytes)
        #expect(batch.pixels.first == damaged[1])
      } catch {
        refused += 1
        switch error {
        case .brokenRecord(file: "x", _, _), .badLabel(file: "x", _, _, _): break
        default: Issue.record("\(error)")
        }
      }
    }
    #expect(refused > 3000 && refused < 10_000, "\(refused)")
  }
}
