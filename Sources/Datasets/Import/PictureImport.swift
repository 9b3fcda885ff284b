import Files
import Tensors

/// The making of a folder of PPM pictures out of pictures of other kinds.
///
/// The folder comes into being whole, or not at all.
public struct PictureImport {
  /// What was made.
  public struct Result: Equatable, Sendable {
    /// How many pictures of each folder of a class.
    public let counts: [String: Int]
    /// The pictures that could not be converted, each with the reason.
    public let failures: [String]
  }

  /// Programs may read a picture whole, 1 GiB.
  private static let pictureLimit = 1 << 30

  private let found: FoundPictures
  private let extent: Int
  private let target: String
  private let folder: NewFolder
  /// Where the folder is until it is whole.
  private var staging: String { folder.temporary }

  /// Prepares to write the folder `target`, of pictures of `extent` rows and columns.
  public init(_ found: FoundPictures, extent: Int, to target: String) throws(ImportError) {
    precondition(ImageExtent.isPossible(extent), "an extent is \(ImageExtent.words): \(extent)")
    let parts = PathParts(target)
    (self.found, self.extent) = (found, extent)
    self.target = parts.folder == "." ? parts.name : "\(parts.folder)/\(parts.name)"
    guard !exists(self.target) else { throw .exists(self.target) }
    do {
      try createFolder(parts.folder)
      folder = try NewFolder(self.target)
    } catch { throw .cannotCreate(self.target, reason: "\(error)") }
  }

  /// Finds a converter in the folders of `PATH`, and converts all pictures.
  ///
  /// `begin` hears of the converter, `progress` how many pictures are done; it says whether to go on.
  public func run(
    path folders: String, begin: (PictureConverter) -> Void, progress: (Int) -> Bool
  ) throws(ImportError) -> Result {
    let converter = try PictureConverter.find(in: folders, scratch: staging)
    begin(converter)
    do {
      for name in found.classes { try createFolder("\(staging)/\(name)") }
    } catch { throw .cannotWrite(target, reason: "\(error)") }
    var outcomes: [Outcome] = []
    let size = 8 * Threads.current
    for start in stride(from: 0, to: found.count, by: size) {
      guard progress(start) else { throw .interrupted }
      outcomes += convert(start..<min(start + size, found.count), converter)
      if case .notWritten(let path, let reason)? = outcomes.last(where: \.isNotWritten) {
        throw .cannotWrite(path, reason: reason)
      }
    }
    guard progress(found.count) else { throw .interrupted }
    let result = try result(outcomes)
    do { try folder.commit() } catch { throw .cannotCreate(target, reason: "\(error)") }
    return result
  }

  /// What became of a picture.
  private enum Outcome {
    case converted
    case failed(String)
    case notWritten(String, reason: String)

    var isNotWritten: Bool { if case .notWritten = self { true } else { false } }
  }

  /// Converts some pictures, several at a time.
  private func convert(_ places: Range<Int>, _ converter: PictureConverter) -> [Outcome] {
    var outcomes = [Outcome](repeating: .converted, count: places.count)
    outcomes.withUnsafeMutableBufferPointer { outcomes in
      parallelFor(places.count) { index in
        outcomes[index] = convert(places.lowerBound + index, converter)
      }
    }
    return outcomes
  }

  private func convert(_ place: Int, _ converter: PictureConverter) -> Outcome {
    let picture = found.pictures[place]
    let pixels: [UInt8]
    let name = "\(picture.folder)/\(picture.name)"
    do throws(DatasetError) {
      let bytes = try ByteSource(file: picture.file).count
      guard bytes <= Self.pictureLimit else {
        return .failed("\(picture.file): it has \(bytes) bytes, more than any picture")
      }
    } catch { return .failed(error.cause) }
    do throws(PictureConverter.Problem) {
      let scratch = "\(staging)/\(place)"
      pixels = try converter.convert(picture.file, to: extent, scratch: scratch).pixels
    } catch {
      switch error {
      case .refused(let reason): return .failed("\(picture.file): \(reason)")
      case .notWritten(let reason): return .notWritten("\(target)/\(name)", reason: reason)
      }
    }
    let bytes = Array("P6\n\(extent) \(extent)\n255\n".utf8) + pixels
    do { try writeNewFile(bytes, to: "\(staging)/\(name)") } catch {
      return .notWritten("\(target)/\(name)", reason: "\(error)")
    }
    return .converted
  }

  /// Counts the pictures; a class that has none is an error.
  private func result(_ outcomes: [Outcome]) throws(ImportError) -> Result {
    var counts: [String: Int] = [:]
    var failures: [(folder: String, reason: String)] = []
    for (picture, outcome) in zip(found.pictures, outcomes) {
      if case .failed(let reason) = outcome {
        failures.append((picture.folder, reason))
      } else {
        counts[picture.folder, default: 0] += 1
      }
    }
    if let empty = found.classes.first(where: { counts[$0] == nil }) {
      let reason = failures.first { $0.folder == empty }?.reason
      throw .noPicture(folder: "\(found.root)/\(empty)", reason: reason)
    }
    return Result(counts: counts, failures: failures.map(\.reason))
  }
}
