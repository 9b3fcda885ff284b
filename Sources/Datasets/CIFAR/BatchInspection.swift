import Foundation

/// What a file of records holds, and what is wrong with it.
public struct BatchInspection: Equatable, Sendable {
  /// What is asked of such a file.
  public enum Demand: Sendable {
    /// The size and the MD5 of the official file of its name.
    case official
    /// The official size, whatever the images.
    case complete
    /// Whole records with labels of classes, as many as there are.
    case records
  }

  /// The path of the file.
  public let file: String
  /// The size of the file in bytes.
  public let bytes: Int
  /// How many records each class has; records with another label are not counted.
  public let imagesPerClass: [Int]
  /// The MD5 of the file, unless none was asked for.
  public let md5: String?
  /// Whether the MD5 is that of the official file of this name.
  public let isOfficial: Bool
  /// The first thing that is not as demanded.
  public let problem: DatasetError?

  /// Reads a file of a data set.
  init(_ folder: CIFARFolder, _ official: CIFAR.File, _ demand: Demand) throws(DatasetError) {
    let (path, set) = ("\(folder.path)/\(official.name)", folder.set)
    let source = try ByteSource(file: path)
    let scan = try LabelScan(source, set)
    (file, bytes) = (path, source.count)
    md5 = demand == .complete ? nil : try MD5(ofFile: path).hexadecimal
    isOfficial = md5 == official.md5
    imagesPerClass = scan.labels.reduce(into: set.classNames.map { _ in 0 }) { counts, label in
      if Int(label) < counts.count { counts[Int(label)] += 1 }
    }
    problem = Self.problem(official, scan, bytes: source.count, md5: md5, path, set, demand)
  }

  private static func problem(
    _ official: CIFAR.File, _ scan: LabelScan, bytes: Int, md5: String?, _ path: String,
    _ set: CIFAR, _ demand: Demand
  ) -> DatasetError? {
    // What the file is tells more than how large it is.
    switch scan.problem {
    case .otherFile, .otherSet: return scan.problem
    default: break
    }
    let size = official.records * set.recordBytes
    if demand != .records, bytes != size {
      return .wrongSize(file: path, expected: size, found: bytes)
    }
    if let problem = scan.problem { return problem }
    guard demand == .official, let md5, md5 != official.md5 else { return nil }
    return .wrongChecksum(file: path, expected: official.md5, found: md5)
  }
}

extension CIFARFolder {
  /// Reads every file of the data set that is there.
  public func inspect(
    _ demand: BatchInspection.Demand
  ) throws(DatasetError) -> [BatchInspection] {
    var batches: [BatchInspection] = []
    for file in files { batches.append(try BatchInspection(self, file, demand)) }
    return batches
  }
}
