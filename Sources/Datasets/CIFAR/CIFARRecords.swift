/// The records of some files of a CIFAR data set: their labels in memory, their images on the disk until they are wanted.
public struct CIFARRecords: Sendable {
  /// The data set.
  public let set: CIFAR
  /// The class of each record, the files one after another.
  public let labels: [UInt8]
  private let files: [(source: ByteSource, records: Int)]

  /// Opens files, and checks their sizes and all labels.
  public init(_ set: CIFAR, files: [String]) throws(DatasetError) {
    var sources: [ByteSource] = []
    for file in files { sources.append(try ByteSource(file: file)) }
    try self.init(set, sources)
  }

  /// Checks sizes and labels of what is open.
  init(_ set: CIFAR, _ sources: [ByteSource]) throws(DatasetError) {
    var (labels, files): ([UInt8], [(ByteSource, Int)]) = ([], [])
    for source in sources {
      let scan = try LabelScan(source, set)
      if let problem = scan.problem { throw problem }
      labels += scan.labels
      files.append((source, scan.labels.count))
    }
    (self.set, self.labels, self.files) = (set, labels, files)
  }

  /// The images of the records at `places`, in that order.
  public func images(at places: some Collection<Int>) throws(DatasetError) -> ImageSet {
    var pixels = [UInt8](repeating: 0, count: places.count * CIFAR.imageBytes)
    for (image, place) in places.enumerated() {
      let planes = try record(place).dropFirst(set.labelBytes)
      Self.interleave(Array(planes), into: &pixels, at: image * CIFAR.imageBytes)
    }
    return ImageSet(
      pixels: pixels, labels: places.map { labels[$0] }, classNames: set.classNames,
      normalization: set.normalization, extent: CIFAR.extent)
  }

  /// The images of all records.
  public func images() throws(DatasetError) -> ImageSet { try images(at: labels.indices) }

  /// The records at `places`, in that order and as they are.
  public func bytes(at places: some Collection<Int>) throws(DatasetError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(places.count * set.recordBytes)
    for place in places { bytes += try record(place) }
    return bytes
  }

  private func record(_ place: Int) throws(DatasetError) -> [UInt8] {
    var rest = place
    for file in files {
      if rest < file.records {
        return try file.source.bytes(rest * set.recordBytes..<(rest + 1) * set.recordBytes)
      }
      rest -= file.records
    }
    preconditionFailure("there are \(labels.count) records, record \(place) is wanted")
  }

  /// Three planes as pixels of red, green and blue.
  private static func interleave(_ planes: [UInt8], into pixels: inout [UInt8], at start: Int) {
    let plane = CIFAR.extent * CIFAR.extent
    pixels.withUnsafeMutableBufferPointer { pixels in
      for p in 0..<plane {
        for color in 0..<3 { pixels[start + p * 3 + color] = planes[color * plane + p] }
      }
    }
  }
}

/// The labels of a file of records, and what is wrong with it.
struct LabelScan {
  /// The class of each whole record, those that are no class included.
  private(set) var labels: [UInt8] = []
  /// The first thing that is wrong.
  private(set) var problem: DatasetError?

  /// Reads some records at a time.
  private static let recordsPerPiece = 256

  /// Reads a file; of one that is far larger than any of the data sets nothing is read.
  init(_ source: ByteSource, _ set: CIFAR) throws(DatasetError) {
    let records = source.count / set.recordBytes
    guard records <= ImageSet.countLimit else {
      throw .tooManyImages(folder: source.name, limit: ImageSet.countLimit, found: records)
    }
    problem = try Self.wrongKind(source, set)
    let bytes = set.recordBytes
    for first in stride(from: 0, to: records, by: Self.recordsPerPiece) {
      let last = min(first + Self.recordsPerPiece, records)
      let piece = try source.bytes(first * bytes..<last * bytes)
      for record in first..<last {
        let start = (record - first) * bytes
        labels.append(piece[start + set.labelBytes - 1])
        check(Int(piece[start]), record, source, set)
      }
    }
  }

  /// Notes the first label that is no class.
  private mutating func check(
    _ first: Int, _ record: Int, _ source: ByteSource, _ set: CIFAR
  ) {
    guard problem == nil else { return }
    let (label, classes) = (Int(labels[record]), set.classNames.count)
    if set.coarseClasses > 0, first >= set.coarseClasses {
      problem = .badLabel(
        file: source.name, record: record, label: first, classes: set.coarseClasses, set: set.name)
    } else if label >= classes {
      problem = .badLabel(
        file: source.name, record: record, label: label, classes: classes, set: set.name)
    }
  }

  /// What the size and the first bytes say against the file.
  private static func wrongKind(
    _ source: ByteSource, _ set: CIFAR
  ) throws(DatasetError) -> DatasetError? {
    if let kind = FileKind(beginning: try source.prefix(FileKind.prefixBytes)) {
      return .otherFile(file: source.name, expected: "records of \(set.name)", found: kind)
    }
    guard source.count == 0 || !source.count.isMultiple(of: set.recordBytes) else { return nil }
    let other = CIFAR.all.first { source.count > 0 && source.count.isMultiple(of: $0.recordBytes) }
    return other.map { .otherSet(file: source.name, expected: set, found: $0) }
      ?? .brokenRecord(file: source.name, bytes: source.count, recordBytes: set.recordBytes)
  }
}
