import Foundation
import TensorFiles
import Testing

/// What a run leaves that does not depend on time: equal runs leave equal contents.
struct RunFolderContents: Equatable {
  private let metrics: [NSDictionary]
  /// By name, `alphas` for example; none after the training of a derived cell.
  private let tables: [String: String]
  private let genotype: String
  private let checkpoint: SafeTensors

  init(_ folder: String) throws {
    func text(_ name: String) throws -> String {
      try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
    }
    metrics = try text("metrics.jsonl").split(separator: "\n").map { line in
      var object = try #require(
        try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      for key in ["seconds", "seconds_per_step", "peak_memory_bytes", "peak_tensor_bytes"] {
        #expect(object.removeValue(forKey: key) != nil, "\(key)")
      }
      return object as NSDictionary
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
    tables = try Dictionary(
      uniqueKeysWithValues: names.filter { $0.hasSuffix(".csv") }.map { ($0, try text($0)) })
    genotype = try text("genotype.json")
    checkpoint = try CheckpointFile.read("\(folder)/checkpoint.bin")
  }
}
