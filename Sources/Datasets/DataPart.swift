/// The two parts of a data set.
public enum DataPart: String, CaseIterable, Sendable {
  /// What a search and a training learn from.
  case training
  /// What a trained network is tested on.
  case test
}
