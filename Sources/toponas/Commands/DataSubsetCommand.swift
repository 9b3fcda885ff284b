import CommandLineParsing
import Datasets
import Files
import Foundation
import Messages
import Reports
import Runs
import SystemErrors
import Tensors

/// `toponas data subset`: writes some images of CIFAR-10 or CIFAR-100, evenly from all classes.
struct DataSubsetCommand: Command {
  static let spec = CommandSpec(
    "data subset", summary: "Write a part of CIFAR-10 or CIFAR-100, evenly from all classes.",
    discussion: """
      Writes N images in the same binary form, which --data reads: the first ones of each class, in their \
      order, or with --seed as many at random, in a random order. If N is not a multiple of the number of classes, the \
      first classes get one image more.

      A folder with test images too needs two commands: one with --part training, one with --part test.
      """,
    operand: OptionSpec(
      "dir", .text(placeholder: "DIR"),
      help: "The folder with CIFAR-10 or CIFAR-100 in binary form.", isRequired: true),
    options: [
      OptionSpec("images", .integer(1...1_000_000), help: "How many images.", isRequired: true),
      OptionSpec(
        "out", .text(placeholder: "FILE|DIR"),
        help:
          "The file to write, if it ends in .bin; otherwise the folder for it, created if need be, and "
          + "the file has the name of a batch: data_batch_1.bin or test_batch.bin, train.bin or test.bin.",
        isRequired: true),
      OptionSpec(
        "part", .choice(DataPart.allCases.map(\.rawValue)), help: "The images to choose from.",
        default: DataPart.training.rawValue),
      OptionSpec(
        "seed", .integer(0...Int.max), help: "Choose at random; the choice follows from it.",
        default: "the first of each class"),
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let (folder, out) = (options.requiredText("dir"), options.requiredText("out"))
    let count = options.requiredInteger("images")
    let part = options.text("part").flatMap(DataPart.init) ?? .training
    if !CIFARFolder.isOne(folder), ImageFolder.isOne(folder) {
      throw DataCommandError.picturesNotRecords(folder)
    }
    let found = try CIFARFolder(folder)
    let missing = found.missing(part)
    if !missing.isEmpty {
      console.progress("note    \(Omission.missing(folder: found.path, missing))")
    }
    let records = try found.records(part)
    let places = try places(count, of: records, seed: options.integer("seed"))
    let file = path(out, part, of: records.set)
    try write(Data(records.bytes(at: places)), to: file)
    let labels = places.map { Int(records.labels[$0]) }
    try console.print(
      """
      wrote   \(file): \(grouped(count)) images, \(perClass(labels, records.set)) of each class
      """
        + (part == .test
          ? ""
          : "\nsearch  \(verbatim: programName) search --preset small --train-images \(count) "
            + "--data=\(verbatim: shellWord(out))"))
  }

  /// The chosen records: the first ones, or random ones.
  private static func places(
    _ count: Int, of records: CIFARRecords, seed: Int?
  ) throws(DatasetError) -> [Int] {
    let (labels, classes) = (records.labels, records.set.classNames.count)
    guard let seed else { return try EvenChoice.places(count, of: labels, classes: classes) }
    var generator = RandomGenerator(seed: UInt64(seed)).stream("subset")
    return try EvenChoice.places(
      count, of: labels, classes: classes, in: generator.permutation(labels.count))
  }

  /// How many of each class: `3, 3, 2`, or in short for many classes.
  private static func perClass(_ labels: [Int], _ set: CIFAR) -> String {
    let counts = labels.reduce(into: set.classNames.map { _ in 0 }) { $0[$1] += 1 }
    return counts.count > 16 ? range(counts) : counts.map(grouped).joined(separator: ", ")
  }

  /// The file that `--out` means.
  private static func path(_ out: String, _ part: DataPart, of set: CIFAR) -> String {
    let name = set.files.first { $0.part == part }?.name ?? ""
    return out.hasSuffix(".bin") ? out : "\(out)/\(name)"
  }

  /// Never over a file that is there, which might be an official batch.
  private static func write(_ bytes: Data, to file: String) throws(SubsetFileError) {
    guard !exists(file) else { throw .exists(file) }
    do { try createFolder(PathParts(file).folder) } catch {
      throw .cannotCreate(file, reason: "\(error)")
    }
    do { try NewFile.write(bytes, to: file, .free) } catch {
      throw error.code == EEXIST ? .exists(file) : .cannotWrite(file, reason: "\(error)")
    }
  }
}

/// Why a subset is not written.
enum SubsetFileError: UserError, Equatable {
  /// There is a file of this name.
  case exists(String)
  /// The system refuses to create the folder.
  case cannotCreate(String, reason: String)
  /// The system refuses to write the file.
  case cannotWrite(String, reason: String)

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode {
    if case .cannotWrite = self { .inputOutput } else { .cannotCreate }
  }

  /// The message for the user, with a hint on the last line.
  var message: Message {
    switch self {
    case .exists(let file):
      """
      \(file) exists already
      Hint: remove it, or name another file or folder with --out.
      """
    case .cannotCreate(let file, let reason):
      """
      cannot create the folder of \(file): \(reason)
      Hint: name a folder that you may write.
      """
    case .cannotWrite(let file, let reason):
      """
      cannot write \(file): \(reason)
      Hint: check permissions and free space.
      """
    }
  }
}
