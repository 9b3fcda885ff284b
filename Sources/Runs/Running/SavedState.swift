import Reports
import SearchMethods
import TensorFiles

/// The name of the progress among the texts of a file.
private let progressKey = "progress"

extension SafeTensors {
  /// Creates the content of a file that holds a state: its tensors, and its numbers and its progress as texts.
  public init(_ state: SearchState) throws {
    self.init(
      metadata: state.numbers.mapValues { Int(exactly: $0).map(String.init) ?? "\($0)" })
    metadata[progressKey] = try JSONText.line(state.progress)
    for (name, tensor) in state.tensors { self[name] = .scalars(tensor) }
  }
}

extension SearchState {
  /// Reads the state that a file holds; nil if it holds no progress.
  public init?(_ file: SafeTensors) {
    guard let text = file.metadata[progressKey],
      let progress = try? JSONText.decode(SearchProgress.self, from: text)
    else { return nil }
    self.init(
      progress: progress, numbers: file.metadata.compactMapValues { Double($0) },
      tensors: file.entries.keys.reduce(into: [:]) { $0[$1] = file.tensor($1) })
  }
}
