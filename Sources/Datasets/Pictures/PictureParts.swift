/// Where a folder of pictures has those to train on and those to test on.
///
/// A folder is divided if all folders in it are called `train` or `training`, `test` or `testing`, and `val`, `valid`
/// or `validation`. Pictures of `val` are tested on if there is no `test`.
struct PictureParts {
  /// Nil if there is none.
  let training: String?
  /// Nil if there is none.
  let test: String?
  /// Folders that are neither.
  let unused: [String]

  private static let names = (
    training: ["train", "training"], test: ["test", "testing"],
    validation: ["val", "valid", "validation"]
  )

  /// Looks at the names of the folders in `folder`.
  init(_ folder: String) {
    let found = FolderListing(folder).folders
    let (all, tests) = (Self.names, Self.names.test + Self.names.validation)
    let isDivided = !found.isEmpty && found.allSatisfy { (all.training + tests).contains($0) }
    guard isDivided else {
      (training, test, unused) = (folder, nil, [])
      return
    }
    let (train, test) = (
      all.training.first(where: found.contains), tests.first(where: found.contains)
    )
    (training, self.test) = (train.map { "\(folder)/\($0)" }, test.map { "\(folder)/\($0)" })
    unused = found.filter { $0 != train && $0 != test }.map { "\(folder)/\($0)" }
  }

  /// The folder of a part; nil if there is none.
  func folder(of part: DataPart) -> String? { part == .training ? training : test }

  /// All folders that are read.
  var folders: [String] { [training, test].compactMap { $0 } }
}
