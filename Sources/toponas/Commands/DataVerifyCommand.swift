import CommandLineParsing
import Datasets
import Files
import Messages

/// `toponas data verify`: tells what a folder of images holds, and what is wrong with it.
struct DataVerifyCommand: Command {
  static let spec = CommandSpec(
    "data verify", summary: "Check images: sizes, labels, checksums.",
    discussion: """
      Of a folder with CIFAR-10 in binary form it reads every batch file, counts the images of each class, and \
      compares size and MD5 with those of the official file. Of a folder with a folder of PPM images for each class \
      it reads every image. Exit code 65 if anything is wrong. A batch file that is not there is told; the commands \
      use the others.
      """,
    operand: OptionSpec(
      "dir", .text(placeholder: "DIR"), help: "The folder to check, as --data takes it.",
      isRequired: true),
    options: [
      OptionSpec(
        "subset", .flag,
        help:
          "Batch files may have other images and any number of them, as of `toponas data subset`."),
      CommonOptions.json,
    ])

  static func run(_ options: ParsedOptions, _ console: Console) throws {
    let folder = options.requiredText("dir")
    let json = options.flag("json") ?? false
    if !CIFAR10.isIn(folder), ImageFolder.isOne(folder) {
      let report = try ImageFolderReport(folder)
      return try json ? console.print(json: report) : console.print(text: report.text)
    }
    let report = try BatchReport(folder, options.flag("subset") ?? false ? .records : .official)
    try json ? console.print(json: report) : console.print(text: report.text)
    if !report.problems.isEmpty { throw DataVerificationError(problems: report.problems) }
  }
}

/// What the batch files of a folder hold.
struct BatchReport: Encodable {
  struct Batch: Encodable {
    let file: String
    let bytes: Int
    let imagesPerClass: [Int]
    let md5: String
    /// Whether the MD5 is that of the official file.
    let isOfficial: Bool
    /// What is wrong with it, if anything is.
    let problem: String?
  }

  private enum CodingKeys: CodingKey { case classes, files, missing }

  let classes = CIFAR10.classNames
  let files: [Batch]
  /// The names of batch files that are not there.
  let missing: [String]
  let problems: [DatasetError]

  init(_ folder: String, _ demand: CIFAR10.Demand) throws(DatasetError) {
    let (batches, missing) = try CIFAR10.inspect(folder: folder, demand)
    files = batches.map {
      Batch(
        file: $0.file, bytes: $0.bytes, imagesPerClass: $0.imagesPerClass, md5: $0.md5 ?? "",
        isOfficial: $0.isOfficial, problem: $0.problem.map { "\($0)" })
    }
    self.missing = missing
    problems = batches.compactMap(\.problem)
  }

  /// The folder, and a row for each file.
  var text: String {
    let labels = classes.indices.map(String.init)
    let table = TextTable(
      head: ["file", "bytes"] + labels + ["MD5", "check"], numeric: Set(1...1 + labels.count),
      rows: files.map { file in
        [PathParts(file.file).name, grouped(file.bytes)]
          + file.imagesPerClass.map(grouped)
          + [file.isOfficial ? "official" : "unknown", file.problem == nil ? "ok" : "wrong"]
      })
    let names = zip(labels, classes).map { "\($0) \($1)" }.joined(separator: ", ")
    let absent = missing.isEmpty ? "" : "\nnot there: \(missing.joined(separator: ", "))"
    let folder = PathParts(files.first?.file ?? "").folder
    return "\(folder)\n\(table.text)\nimages of each class: \(names)\(absent)"
  }
}

/// What a folder with a folder for each class holds.
struct ImageFolderReport: Encodable {
  struct Part: Encodable {
    let part: String
    let imagesPerClass: [Int]
  }

  let classes: [String]
  let parts: [Part]

  init(_ folder: String) throws(DatasetError) {
    let training = try ImageFolder.load(folder: folder)
    classes = training.classNames
    var parts = [Part(part: "training", imagesPerClass: training.imagesPerClass)]
    if ImageFolder.isDivided(folder) {
      let test = try ImageFolder.load(folder: folder, part: .test)
      parts.append(Part(part: "test", imagesPerClass: test.imagesPerClass))
    }
    self.parts = parts
  }

  /// A row for each class.
  var text: String {
    TextTable(
      head: ["class"] + parts.map { "\($0.part) images" }, numeric: Set(1...parts.count),
      rows: classes.indices.map { label in
        [classes[label]] + parts.map { grouped($0.imagesPerClass[label]) }
      }
    ).text
  }
}

/// What is wrong with the batch files of a folder.
struct DataVerificationError: UserError, Equatable {
  let problems: [DatasetError]

  /// The messages for the user, each with its hint.
  var message: Message {
    let text = problems.map(\.message).joined(separator: "\nerror: ")
    let hasOtherSize = problems.contains { if case .wrongSize = $0 { true } else { false } }
    return hasOtherSize ? "\(text)\nHint: check a part of CIFAR-10 with --subset." : text
  }
}
