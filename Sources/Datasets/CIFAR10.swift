import Foundation

/// Reader of CIFAR-10 in its official binary form.
///
/// A file is a sequence of records of 3,073 bytes without header: 1 byte label (0 to 9), then 1,024 red,
/// 1,024 green and 1,024 blue bytes, each plane 32 x 32 in row-major order.
public enum CIFAR10 {
  /// Bytes of one record.
  public static let recordBytes = 1 + ImageSet.imageBytes

  /// The ten classes in the order of their labels.
  public static let classNames = [
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
  ]

  /// The two parts of the data set.
  public enum Part: Sendable {
    /// `data_batch_1.bin` to `data_batch_5.bin`: those that are there, in this order.
    case training
    /// `test_batch.bin`.
    case test

    var files: [String] {
      switch self {
      case .training: (1...5).map { "data_batch_\($0).bin" }
      case .test: ["test_batch.bin"]
      }
    }
  }

  /// Reads the batch files of `part` in `folder`, or in its subfolder `cifar-10-batches-bin`.
  public static func load(folder: String, part: Part = .training) throws(DatasetError) -> ImageSet {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue
    else { throw .missingFolder(folder) }
    let candidates = [folder, "\(folder)/cifar-10-batches-bin"]
    let paths = candidates.map { folder in
      part.files.map { "\(folder)/\($0)" }.filter { FileManager.default.fileExists(atPath: $0) }
    }
    guard let found = paths.first(where: { !$0.isEmpty }) else {
      throw .noBatchFile(folder: folder, expected: part.files)
    }
    var (pixels, labels): ([UInt8], [UInt8]) = ([], [])
    for file in found {
      let bytes: Data
      do { bytes = try Data(contentsOf: URL(fileURLWithPath: file)) } catch {
        throw .unreadable(file: file, reason: error.localizedDescription)
      }
      let batch = try decode(bytes, file: file)
      pixels += batch.pixels
      labels += batch.labels
    }
    return ImageSet(
      pixels: pixels, labels: labels, classNames: classNames, normalization: .cifar10)
  }

  /// Decodes one batch file; `file` is only for messages.
  public static func decode(
    _ bytes: Data, file: String
  ) throws(DatasetError) -> (pixels: [UInt8], labels: [UInt8]) {
    guard bytes.count % recordBytes == 0, !bytes.isEmpty else {
      throw .brokenRecord(file: file, bytes: bytes.count, recordBytes: recordBytes)
    }
    let records = [UInt8](bytes)
    let count = records.count / recordBytes
    let labels = (0..<count).map { records[$0 * recordBytes] }
    if let record = labels.firstIndex(where: { $0 > 9 }) {
      throw .badLabel(
        file: file, record: record, label: Int(labels[record]), classes: classNames.count)
    }
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
}
