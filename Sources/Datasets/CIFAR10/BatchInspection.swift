import Files
import Foundation

extension CIFAR10 {
  /// Bytes of each official batch file: 10,000 records.
  public static let batchBytes = 10_000 * recordBytes

  /// The MD5 of each official batch file.
  static let batchDigests = [
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
    "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
    "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
  ]

  /// What is asked of a batch file.
  public enum Demand: Sendable {
    /// The size and the MD5 of the official file of its name.
    case official
    /// The official size, whatever the images.
    case complete
    /// Whole records with labels from 0 to 9, as many as there are.
    case records
  }

  /// What a batch file holds, and what is wrong with it.
  public struct BatchInspection: Equatable, Sendable {
    /// Where it is.
    public let file: String
    /// Its size.
    public let bytes: Int
    /// How many records each class has; records with another label are not counted.
    public let imagesPerClass: [Int]
    /// Its MD5, unless none was asked for.
    public let md5: String?
    /// Whether that is the one of the official file of its name.
    public let isOfficial: Bool
    /// The first thing that is not as demanded.
    public let problem: DatasetError?
  }

  /// Reads every batch file in `folder`, or in its subfolder `cifar-10-batches-bin`.
  public static func inspect(
    folder: String, _ demand: Demand
  ) throws(DatasetError) -> (batches: [BatchInspection], missing: [String]) {
    let found = try self.folder(folder, with: DataPart.allCases.flatMap(files))
    var batches: [BatchInspection] = []
    for name in found.names { batches.append(try inspect(file: "\(found.folder)/\(name)", demand)) }
    let missing = DataPart.allCases.flatMap(files).filter { !found.names.contains($0) }
    return (batches, missing)
  }

  /// Reads one batch file.
  static func inspect(file: String, _ demand: Demand) throws(DatasetError) -> BatchInspection {
    let bytes = try read(file)
    let md5 = demand == .complete ? nil : MD5(of: bytes).hexadecimal
    let official = batchDigests[PathParts(file).name]
    var perClass = classNames.map { _ in 0 }
    let whole = bytes.count / recordBytes * recordBytes
    for start in stride(from: 0, to: whole, by: recordBytes) {
      let label = Int(bytes[bytes.startIndex + start])
      if perClass.indices.contains(label) { perClass[label] += 1 }
    }
    return BatchInspection(
      file: file, bytes: bytes.count, imagesPerClass: perClass, md5: md5,
      isOfficial: md5 != nil && md5 == official,
      problem: problem(bytes, file, demand, expected: official, found: md5))
  }

  private static func problem(
    _ bytes: Data, _ file: String, _ demand: Demand, expected: String?, found: String?
  ) -> DatasetError? {
    if demand != .records, bytes.count != batchBytes {
      return .wrongSize(file: file, expected: batchBytes, found: bytes.count)
    }
    do throws(DatasetError) { _ = try labels(of: bytes, file: file) } catch { return error }
    guard demand == .official, let expected, let found, expected != found else { return nil }
    return .wrongChecksum(file: file, expected: expected, found: found)
  }
}
