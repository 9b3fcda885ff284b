import Foundation
import SearchSpaces

/// A genotype as a command line gives it: the text itself, or a file that holds it.
enum GenotypeInput {
  case nasBench201(NASBench201Genotype)
  case darts(DARTSGenotype)

  /// Reads `argument`; if a file has this name, what it holds.
  ///
  /// A file holds the text, or, as `genotype.json` of a run, a JSON object with it under a single key.
  init(_ argument: String) throws(GenotypeInputError) {
    let isFile = FileManager.default.fileExists(atPath: argument) || Self.looksLikePath(argument)
    let content = isFile ? try Self.content(of: argument) : argument
    let trimmed = content.trimmingCharacters(in: .whitespacesAndNewlines)
    let text = isFile && trimmed.hasPrefix("{") ? try Self.value(trimmed, argument) : trimmed
    do { try self.init(parsing: text) } catch {
      throw .notAGenotype(error, file: isFile ? argument : nil)
    }
  }

  /// Reads the text itself, of either space.
  init(parsing text: String) throws(GenotypeError) {
    self =
      text.hasPrefix("G")
      ? .darts(try DARTSGenotype(parsing: text))
      : .nasBench201(try NASBench201Genotype(parsing: text))
  }

  /// Whether nobody can have meant a genotype, so that the file is missing.
  private static func looksLikePath(_ text: String) -> Bool {
    !text.contains { "|(".contains($0) } && (text.contains("/") || text.hasSuffix(".json"))
  }

  private static func content(of path: String) throws(GenotypeInputError) -> String {
    do { return try String(contentsOfFile: path, encoding: .utf8) } catch {
      throw .unreadable(path, reason: error.localizedDescription)
    }
  }

  private static func value(_ json: String, _ path: String) throws(GenotypeInputError) -> String {
    let object = try? JSONDecoder().decode([String: String].self, from: Data(json.utf8))
    guard let object, object.count == 1, let text = object.values.first else {
      throw .notOneKey(path)
    }
    return text
  }
}

/// Why there is no genotype.
enum GenotypeInputError: Error, Equatable, CustomStringConvertible {
  /// The file is there and cannot be read as text.
  case unreadable(String, reason: String)
  /// A JSON file of another form.
  case notOneKey(String)
  /// The text is none.
  case notAGenotype(GenotypeError, file: String?)

  /// The message for the user, with a hint on the last line.
  var description: String {
    switch self {
    case .unreadable(let path, let reason):
      """
      cannot read \(path): \(reason)
      Hint: give a text file, or the genotype itself in quotation marks.
      """
    case .notOneKey(let path):
      """
      \(path) is no JSON object with a single key whose value is a genotype
      Hint: the genotype.json of a run is one: {"nasbench201": "|none~0|+..."}.
      """
    case .notAGenotype(let error, let file):
      """
      \(file ?? "--genotype"): \(error)
      Hint: a cell of NAS-Bench-201 is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|, cells of DARTS are \
      Genotype(normal=[...], ...)\(file == nil ? "; no file of that name is there" : "").
      """
    }
  }
}
