import Datasets
import Messages
import Reports
import TensorFiles

/// A file of weights, as far as it tells of itself before its tensors are read.
package struct WeightsSource {
  /// What the metadata of a file can say.
  package enum Key: String, CaseIterable {
    /// The version of this table of keys, and of the names of the tensors.
    case version = "toponas_weights"
    /// `supernet` or `derived`.
    case network
    case space
    case genotype
    case channels
    case cells
    case classes
    /// How the space was simplified, as `config.json` has it; `none` is not at all.
    case simplification
    /// The search method, on which depends what stands around the edges of a supernet.
    case method
    case layout
    /// How far the run was.
    case progress
    case program
  }

  /// The only version there is.
  package static let version = "1"

  package let listing: SafeTensorsListing
  package let layout: WeightsLayout
  private let names: WrappedNames

  /// Opens a file; one without metadata, as PyTorch writes it, is taken for what it should be.
  package init(_ file: String) throws {
    do { listing = try SafeTensorsListing(contentsOf: file) } catch {
      // The first bytes of a sound file can be those of any other.
      guard let kind = FileKind(ofFile: file) else { throw error }
      throw WeightsError.otherFile(file, kind)
    }
    do { names = try WrappedNames(listing.items.keys) } catch {
      throw WeightsError.twice(file, error.names)
    }
    if let version = listing.metadata[Key.version.rawValue], version != Self.version {
      throw WeightsError.version(file, expected: Self.version, found: version)
    }
    guard let word = listing.metadata[Key.layout.rawValue] else {
      layout = WeightsLayout(guessedFrom: listing.items.keys)
      return
    }
    guard let layout = WeightsLayout(rawValue: word) else {
      throw WeightsError.layout(file, found: word)
    }
    self.layout = layout
  }

  /// What the file says; nil if it does not.
  package func value(_ key: Key) -> String? { listing.metadata[key.rawValue] }

  /// A number that the setting of its name could be; nil if the file says none.
  package func number<Plan>(_ key: Key, in settings: [PlanSetting<Plan>]) -> Int? {
    let setting = settings.first { $0.setting.name == key.rawValue }?.setting
    return value(key).flatMap { setting?.values.read($0)?.integer }
  }

  /// Whether the second classifier, of training alone, is among the tensors.
  package var hasAuxiliaryHead: Bool { names.inFile.keys.contains { $0.hasPrefix("auxiliary.") } }

  /// What the file says of each tensor, by its name without wrappers.
  package var items: [String: SafeTensorsListing.Item] {
    names.inFile.compactMapValues { listing.items[$0] }
  }

  /// The name in the file of a tensor.
  package func nameInFile(_ name: String) -> String { names.inFile[name] ?? name }

  /// What had to be changed to read the file, a line for each kind.
  package var changes: [String] {
    let wrappers = names.wrappers.map { "\($0)." }.joined(separator: " and ")
    let types = Dictionary(grouping: items.values.map(\.type).filter { $0 != "F32" }) { $0 }
    return (wrappers.isEmpty ? [] : ["names are read without \(wrappers)"])
      + types.sorted { $0.key < $1.key }.map {
        "\(counted($0.value.count, "tensor")) of \($0.key) converted to F32"
      }
  }
}

/// Why a file is not the weights of a network.
package enum WeightsError: UserError, Equatable {
  /// The file is of another kind.
  case otherFile(String, FileKind)
  /// A newer program wrote it.
  case version(String, expected: String, found: String)
  /// The file names an unknown order of axes.
  case layout(String, found: String)
  /// Two tensors have the same name without wrappers.
  case twice(String, [String])
  /// The file belongs to another network: the first differences, and how many there are.
  case differences(String, [String], count: Int)
  /// A number cannot be used.
  case number(String, tensor: String, index: Int, expected: String, found: String)

  /// The code with which a program ends that reports it.
  package var exitCode: ExitCode { .badData }

  /// The message for the user, with a hint on the last line.
  package var message: Message {
    switch self {
    case .otherFile(let file, let kind):
      """
      \(file): expected weights in safetensors, found \(kind.words)
      Hint: \(kind == .largeFilePointer ? kind.hint : "in PyTorch, safetensors.torch.save_file(network.state_dict(), \"FILE\") writes them.")
      """
    case .version(let file, let expected, let found):
      """
      \(file): expected weights of version \(expected), found version \(found)
      Hint: read it with the version of the program that wrote it.
      """
    case .layout(let file, let found):
      """
      \(file): expected the layout \(WeightsLayout.allCases.map(\.rawValue).joined(separator: " or ")), found \(found)
      Hint: the key layout of the metadata says in which order the axes of kernels are.
      """
    case .twice(let file, let names):
      """
      \(file): expected one tensor for each name, found \(names.joined(separator: " and "))
      Hint: save the network itself, without DataParallel or torch.compile around it.
      """
    case .differences(let file, let first, let count):
      """
      \(file): expected the weights of this network, found \(counted(count, "difference")):
        \(first.map { "\($0)" as Message }.joined(separator: "\n  "))\(verbatim: count > first.count ? "\n  ..." : "")
      Hint: toponas export RUN \(setting: "list") shows names and shapes.
      """
    case .number(let file, let tensor, let index, let expected, let found):
      """
      \(file): tensor \(tensor), number \(index): expected \(expected), found \(found)
      Hint: the training that wrote it has failed, or the file is damaged.
      """
    }
  }
}
