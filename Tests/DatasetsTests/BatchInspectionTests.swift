import Foundation
import Tensors
import TestSupport
import Testing

@testable import Datasets

@Suite("Inspection of batches")
struct BatchInspectionTests {
  private func records(_ labels: [UInt8], coarse: [UInt8] = []) -> [UInt8] {
    labels.flatMap { coarse + [$0] + [UInt8](repeating: 77, count: 3072) }
  }

  /// The inspection of a folder with one file.
  private func inspect(
    _ bytes: [UInt8], _ demand: BatchInspection.Demand, name: String = "data_batch_2.bin"
  ) throws -> BatchInspection {
    let folder = try TemporaryFolder()
    try folder.write(bytes, to: name)
    let found = try CIFARFolder(folder.path)
    #expect(found.missing() == found.set.names().filter { $0 != name })
    return try #require(try found.inspect(demand).first)
  }

  @Test func `a subset is in order where records are asked for`() throws {
    let batch = try inspect(records([1, 3, 3, 9]), .records)
    #expect(batch.imagesPerClass == [0, 1, 0, 2, 0, 0, 0, 0, 0, 1])
    #expect(batch.bytes == 4 * 3073 && batch.problem == nil && !batch.isOfficial)
    #expect(batch.md5 == MD5(of: records([1, 3, 3, 9])).hexadecimal)
    let hundred = try inspect(records([1, 99, 99], coarse: [19]), .records, name: "test.bin")
    #expect(hundred.imagesPerClass[99] == 2 && hundred.imagesPerClass.count == 100)
    #expect(hundred.bytes == 3 * 3074 && hundred.problem == nil)
  }

  @Test(arguments: [BatchInspection.Demand.official, .complete])
  func `otherwise it has the wrong size`(_ demand: BatchInspection.Demand) throws {
    let batch = try inspect(records([1, 2]), demand)
    #expect(
      batch.problem == .wrongSize(file: batch.file, expected: 30_730_000, found: 2 * 3073))
    #expect((batch.md5 == nil) == (demand == .complete))
    let hundred = try inspect(records([1], coarse: [0]), demand, name: "train.bin")
    #expect(
      hundred.problem == .wrongSize(file: hundred.file, expected: 153_700_000, found: 3074))
  }

  @Test func `whole records with labels from 0 to 9`() throws {
    let label = try inspect(records([1, 10, 200]), .records)
    #expect(
      label.problem
        == .badLabel(file: label.file, record: 1, label: 10, classes: 10, set: "CIFAR-10"))
    #expect(label.imagesPerClass.reduce(0, +) == 1)
    let broken = try inspect(Array(records([1, 2]).dropLast()), .records)
    #expect(broken.problem == .brokenRecord(file: broken.file, bytes: 6145, recordBytes: 3073))
    #expect(broken.imagesPerClass.reduce(0, +) == 1)
  }

  @Test func `of the full size, but other images`() throws {
    let bytes = [UInt8](repeating: 0, count: 10_000 * 3073)
    #expect(try inspect(bytes, .complete).problem == nil)
    let batch = try inspect(bytes, .official)
    #expect(
      batch.problem
        == .wrongChecksum(
          file: batch.file, expected: "5ea93a67294ea407fff1d09f752e9692",
          found: try #require(batch.md5)))
  }

  @Test func `an archive is told before its size`() throws {
    let batch = try inspect([0x1F, 0x8B, 8, 0, 0, 0], .official)
    #expect(
      batch.problem == .otherFile(file: batch.file, expected: "records of CIFAR-10", found: .gzip))
  }

  @Test(.enabled(if: DevelopmentData.cifar10 != nil, "TOPONAS_CIFAR10 names no folder"))
  func `the real files are the official ones`() throws {
    let batches = try CIFARFolder(try #require(DevelopmentData.cifar10)).inspect(.official)
    #expect(!batches.isEmpty)
    for batch in batches { #expect(batch.isOfficial && batch.problem == nil) }
  }
}
