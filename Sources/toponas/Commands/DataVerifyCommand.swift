import CommandLineParsing
import Datasets
import Files
import Foundation
import Messages
import Reports

/// `toponas data verify`: tells what a folder of images holds, and what is wrong with it.
struct DataVerifyCommand: Command {
  static let spec = CommandSpec(
    "data verify", summary: "Check images: sizes, labels, checksums.",
    discussion: """
      For CIFAR-10 or CIFAR-100 in binary form: reads every file of records, counts the images of each class, and \
      compares size and MD5 with those of the official file. For a folder of PPM or PGM pictures for each class: reads \
      every picture. Exit code 65 if anything is wrong. Missing files of records, and files that are no pictures, are \
      reported; the other commands use what is left.
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
    if !CIFARFolder.isOne(folder), ImageFolder.isOne(folder) {
      let report = try ImageFolderReport(folder)
      return try json ? console.print(json: report) : console.print(text: report.text)
    }
    let report = try BatchReport(folder, options.flag("subset") ?? false ? .records : .official)
    try json ? console.print(json: report) : console.print(text: report.text)
    if !report.problems.isEmpty { throw DataVerificationError(problems: report.problems) }
  }
}

/// What the files of records in a folder hold.
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

  private enum CodingKeys: CodingKey { case dataSet, classes, files, missing }

  let dataSet: String
  let classes: [String]
  let files: [Batch]
  /// The names of batch files that are not there.
  let missing: [String]
  let problems: [DatasetError]

  init(_ folder: String, _ demand: BatchInspection.Demand) throws(DatasetError) {
    let found = try CIFARFolder(folder)
    let batches = try found.inspect(demand)
    (dataSet, classes, missing) = (found.set.name, found.set.classNames, found.missing())
    files = batches.map {
      Batch(
        file: $0.file, bytes: $0.bytes, imagesPerClass: $0.imagesPerClass, md5: $0.md5 ?? "",
        isOfficial: $0.isOfficial, problem: $0.problem.map { "\($0)" })
    }
    problems = batches.compactMap(\.problem)
  }

  /// Whether a column for each would not fit.
  private var hasManyClasses: Bool { classes.count > 16 }

  /// The folder, and a row for each file.
  var text: String {
    let labels = hasManyClasses ? ["a class"] : classes.indices.map(String.init)
    let table = TextTable(
      head: ["file", "bytes"] + labels + ["MD5", "check"], numeric: Set(1...1 + labels.count),
      rows: files.map { file in
        let perClass = file.imagesPerClass
        return [PathParts(file.file).name, grouped(file.bytes)]
          + (hasManyClasses ? [range(perClass)] : perClass.map(grouped))
          + [file.isOfficial ? "official" : "unknown", file.problem == nil ? "ok" : "wrong"]
      })
    let names = zip(labels, classes).map { "\($0) \($1)" }.joined(separator: ", ")
    let counted =
      hasManyClasses
      ? "the \(classes.count) fine classes of \(dataSet)" : "images of each class: \(names)"
    let absent = missing.isEmpty ? "" : "\nnot there: \(missing.joined(separator: ", "))"
    let folder = PathParts(files.first?.file ?? "").folder
    return "\(folder)\n\(table.text)\n\(counted)\(absent)"
  }
}

/// What a folder with a folder for each class holds.
struct ImageFolderReport: Encodable {
  struct Part: Encodable {
    let part: String
    let imagesPerClass: [Int]
  }

  let classes: [String]
  /// Rows and columns of every picture.
  let extent: Int
  let parts: [Part]
  /// What is not read, in words.
  let leftOut: [String]

  /// Reads every picture of a folder.
  init(_ folder: String) throws(DatasetError) {
    var (found, parts): ([ImageFolder], [Part]) = ([], [])
    for part in ImageFolder.parts(of: folder) {
      let images = try ImageFolder(folder, part)
      parts.append(Part(part: part.rawValue, imagesPerClass: try images.check()))
      found.append(images)
    }
    guard let first = found.first else { throw .noTrainingImages(folder) }
    for other in found where other.extent != first.extent {
      throw .otherTestExtent(expected: first.extent, found: other.extent)
    }
    (classes, extent, self.parts) = (first.classNames, first.extent, parts)
    leftOut = found.flatMap(\.omissions).map(\.description)
  }

  /// A row for each class.
  var text: String {
    let table = TextTable(
      head: ["class"] + parts.map { "\($0.part) images" }, numeric: Set(1...parts.count),
      rows: classes.indices.map { label in
        [classes[label]] + parts.map { grouped($0.imagesPerClass[label]) }
      })
    return ([table.text, "pictures of \(extent) x \(extent) pixels"] + leftOut.map(shown))
      .joined(separator: "\n")
  }
}

/// What is wrong with the batch files of a folder.
struct DataVerificationError: UserError, Equatable {
  let problems: [DatasetError]

  /// The code with which a program ends that reports it.
  var exitCode: ExitCode { .badData }

  /// The messages for the user, each with its hint.
  var message: Message {
    let text = problems.map(\.message).joined(separator: "\nerror: ")
    let hasOtherSize = problems.contains { if case .wrongSize = $0 { true } else { false } }
    return hasOtherSize ? "\(text)\nHint: check a part of the data set with --subset." : text
  }
}
