import Files
import Foundation

/// Reader of CIFAR-10 in its official binary form.
///
/// A file is a sequence of records of 3,073 bytes without header: 1 byte label (0 to 9), then 1,024 red,
/// 1,024 green and 1,024 blue bytes, each plane 32 x 32 in row-major order.
public enum CIFAR10 {
  /// Bytes of one record.
  public static let recordBytes = 1 + ImageSet.imageBytes

  /// The folder that the official archive unpacks to.
  public static let folderName = "cifar-10-batches-bin"

  /// The ten classes in the order of their labels.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// The batch files of a part: of those, the ones that are there are read, in this order.
  static func files(of part: DataPart) -> [String] {
    switch part {
    case .training: (1...5).map { "data_batch_\($0).bin" }
    case .test: ["test_batch.bin"]
    }
  }

  /// Whether `folder`, or its subfolder `cifar-10-batches-bin`, has any batch file.
  public static func isIn(_ folder: String) -> Bool {
    (try? self.folder(folder, with: DataPart.allCases.flatMap(files))) != nil
  }

  /// Reads the batch files of `part` in `folder`, or in its subfolder `cifar-10-batches-bin`.
  public static func load(
    folder: String, part: DataPart = .training
  ) throws(DatasetError) -> ImageSet {
    let found = try self.folder(folder, with: files(of: part))
    return try load(files: found.names.map { "\(found.folder)/\($0)" })
  }

  /// Reads files of records, one behind the other.
  static func load(files: [String], orPipes: Bool = false) throws(DatasetError) -> ImageSet {
    var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
    for file in files {
      let batch = try decode(try read(file, orPipe: orPipes), file: file)
      pixels += batch.pixels
      labels += batch.labels
    }
    return ImageSet(
      pixels: pixels, labels: labels, classNames: classNames, normalization: .cifar10)
  }

  /// The bytes of one batch file; of one that is far larger than any of CIFAR-10 nothing is read.
  static func read(_ file: String, orPipe: Bool = false) throws(DatasetError) -> Data {
    let limit = ImageSet.countLimit * recordBytes
    do { return try RegularFile.read(file, limit: limit, orPipe: orPipe) } catch {
      guard case .tooLarge(_, _, let bytes) = error else { throw error }
      throw .tooManyImages(folder: file, limit: ImageSet.countLimit, found: bytes / recordBytes)
    }
  }

  /// Where some of `expected` are, in `folder` or in its subfolder, and which.
  static func folder(
    _ folder: String, with expected: [String]
  ) throws(DatasetError) -> (folder: String, names: [String]) {
    guard isFolder(folder) else { throw .missingFolder(folder) }
    for candidate in [folder, "\(folder)/\(folderName)"] {
      let names = expected.filter { exists("\(candidate)/\($0)") }
      if !names.isEmpty { return (candidate, names) }
    }
    throw .noBatchFile(folder: folder, expected: expected)
  }

  /// Decodes one batch file; `file` is only for messages.
  public static func decode(
    _ bytes: Data, file: String
  ) throws(DatasetError) -> (pixels: [UInt8], labels: [UInt8]) {
    let labels = try labels(of: bytes, file: file)
    let (records, count) = ([UInt8](bytes), labels.count)
    let plane = ImageSet.extent * ImageSet.extent
    let pixels = [UInt8](unsafeUninitializedCapacity: count * ImageSet.imageBytes) { pixels, used in
      for record in 0..<count {
        let (from, to) = (record * recordBytes + 1, record * ImageSet.imageBytes)
        for p in 0..<plane {
          for color in 0..<3 { pixels[to + p * 3 + color] = records[from + color * plane + p] }
        }
      }
      used = count * ImageSet.imageBytes
    }
    return (pixels, labels)
  }

  /// The labels of one batch file, checked.
  static func labels(of bytes: Data, file: String) throws(DatasetError) -> [UInt8] {
    guard bytes.count % recordBytes == 0, !bytes.isEmpty else {
      throw .brokenRecord(file: file, bytes: bytes.count, recordBytes: recordBytes)
    }
    let labels = stride(from: bytes.startIndex, to: bytes.endIndex, by: recordBytes).map {
      bytes[$0]
    }
    if let record = labels.firstIndex(where: { $0 > 9 }) {
      throw .badLabel(
        file: file, record: record, label: Int(labels[record]), classes: classNames.count)
    }
    return labels
  }
}
