import Foundation

/// Chapters as Swift files in a folder, for the compiler.
public enum ChapterFiles {
  /// Writes each chapter of `paths` as a program, and the list of them all, into `folder`.
  ///
  /// A file that is the same already is left alone, so that it is not compiled again.
  public static func write(_ paths: [String], into folder: String) throws(ChapterFileError) {
    var programs: [ChapterProgram] = []
    for path in paths { programs.append(try program(path)) }
    for program in programs { try write(program.text, to: "\(folder)/\(program.typeName).swift") }
    try write(ChapterProgram.list(of: programs), to: "\(folder)/AllChapters.swift")
  }

  private static func program(_ path: String) throws(ChapterFileError) -> ChapterProgram {
    let name = URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    do {
      let text = try String(contentsOfFile: path, encoding: .utf8)
      return ChapterProgram(try Chapter(name: name, text: text), path: path)
    } catch let error as ChapterError {
      throw ChapterFileError(description: "\(path):\(error.line): error: \(error.reason)")
    } catch {
      throw ChapterFileError(description: "\(path): error: \(error.localizedDescription)")
    }
  }

  private static func write(_ text: String, to path: String) throws(ChapterFileError) {
    if (try? String(contentsOfFile: path, encoding: .utf8)) == text { return }
    do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
      throw ChapterFileError(description: "\(path): error: \(error.localizedDescription)")
    }
  }
}

/// Why chapters cannot become Swift files, in the form of a compiler.
public struct ChapterFileError: Error, Equatable, CustomStringConvertible {
  /// Where and what.
  public let description: String
}
