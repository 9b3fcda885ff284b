/// Where a folder of pictures has those to train on and those to test on.
///
/// The parts are folders called `train` or `training`, `test` or `testing`, and `val`, `valid` or `validation`, in letters
/// of either case. A folder is divided if it holds no others, or if one to train on and one to test on hold folders of
/// classes, for a class can have such a name too. Pictures of `val` are tested on if there is no `test` with classes.
struct PictureParts {
  /// The training part; nil if there is none.
  let training: String?
  /// The test part; nil if there is none.
  let test: String?
  /// Other parts with classes.
  let spare: [String]
  /// All folders that are neither trained nor tested on.
  let unused: [String]

  private static let names = (
    training: ["train", "training"],
    test: ["test", "testing", "val", "valid", "validation"]
  )

  /// Looks at the names of the folders in `folder`.
  init(_ folder: String) {
    let found = FolderListing(folder).folders
    let paths = { (names: [String]) in
      names.flatMap { name in found.filter { $0.lowercased() == name } }.map { "\(folder)/\($0)" }
    }
    let (trainings, tests) = (paths(Self.names.training), paths(Self.names.test))
    let parts = trainings + tests
    let areAll = !parts.isEmpty && parts.count == found.count
    guard
      areAll || trainings.contains(where: Self.hasClasses) && tests.contains(where: Self.hasClasses)
    else {
      (training, test, spare, unused) = (folder, nil, [], [])
      return
    }
    let train = trainings.first(where: Self.hasClasses) ?? trainings.first
    let test = tests.first(where: Self.hasClasses) ?? tests.first
    let unused: [String] = found.map { "\(folder)/\($0)" }.filter { $0 != train && $0 != test }
    (training, self.test, self.unused) = (train, test, unused)
    spare = unused.filter { parts.contains($0) && Self.hasClasses($0) }
  }

  /// Whether a folder holds folders of several classes.
  private static func hasClasses(_ path: String) -> Bool { FolderListing(path).folders.count > 1 }

  /// The folder of a part; nil if there is none.
  func folder(of part: DataPart) -> String? { part == .training ? training : test }

  /// All folders that are read.
  var folders: [String] { [training, test].compactMap { $0 } }
}
