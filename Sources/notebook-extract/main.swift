// notebook-extract FOLDER CHAPTER.md...: writes the chapters as Swift files into the folder.
import Chapters
import Foundation

let arguments = CommandLine.arguments.dropFirst()
do {
  try ChapterFiles.write(Array(arguments.dropFirst()), into: arguments.first ?? ".")
} catch {
  FileHandle.standardError.write(Data("\(error)\n".utf8))
  exit(1)
}
