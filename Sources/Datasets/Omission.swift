/// Something beside the images that is not read, and what the user should know of it.
public enum Omission: Equatable, Sendable, CustomStringConvertible {
  /// Files of a data set that are not there.
  case missing(folder: String, [String])
  /// Files and folders that are no pictures of a kind that is read.
  case notPixmaps(count: Int, example: String)
  /// A folder beside those with pictures to train on and to test on.
  case unusedPart(String)

  /// In one line.
  public var description: String {
    switch self {
    case .missing(let folder, let names): "\(folder) has no \(names.joined(separator: ", "))"
    case .notPixmaps(1, let example): "left out: \(example), which is no PPM or PGM picture"
    case .notPixmaps(let count, let example):
      "left out: \(count) files or folders that are no PPM or PGM pictures, for example \(example)"
    case .unusedPart(let folder): "left out: \(folder), which is neither trained nor tested on"
    }
  }
}
