import Files

/// Images that the user has, in any of the forms that are read.
///
/// A folder with batches of CIFAR-10, one file or pipe of such records, or a folder with a folder of PPM files for
/// each class; what the folder holds tells which.
public enum RealImages {
  /// Reads the images of `part` at `path`, or `count` of them, evenly from all classes.
  public static func load(
    from path: String, part: DataPart = .training, count: Int? = nil
  ) throws(DatasetError) -> ImageSet {
    if !CIFAR10.isIn(path), ImageFolder.isOne(path) {
      return try ImageFolder.load(folder: path, part: part, count: count)
    }
    let images =
      if !isFolder(path), exists(path) {
        try records(in: path, part)
      } else {
        try CIFAR10.load(folder: path, part: part)
      }
    guard let count else { return images }
    return try images.balancedSubset(count)
  }

  private static func records(
    in file: String, _ part: DataPart
  ) throws(DatasetError) -> ImageSet {
    guard part == .training else { throw .noTestImages(file) }
    return try CIFAR10.load(files: [file], orPipes: true)
  }
}
