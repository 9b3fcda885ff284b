import Foundation

/// A folder for one test of `toponas data`, removed with it.
final class DataFiles {
  let path = NSTemporaryDirectory() + "toponas-data-\(UUID().uuidString)"

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ bytes: [UInt8], to name: String) throws {
    let url = URL(fileURLWithPath: "\(path)/\(name)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  /// Writes records of CIFAR-10; every byte of an image is its number.
  func writeRecords(_ labels: [UInt8], to name: String) throws {
    let records = labels.enumerated().flatMap { index, label in
      [label] + [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: 3072)
    }
    try write(records, to: name)
  }

  /// Writes PPM images of one shade, `count` a class.
  func writePixmaps(_ classes: [String], count: Int) throws {
    for (label, name) in classes.enumerated() {
      for index in 0..<count {
        let shade = UInt8(truncatingIfNeeded: 60 * label + index)
        let image = Array("P6 32 32 255\n".utf8) + [UInt8](repeating: shade, count: 3072)
        try write(image, to: "\(name)/\(index).ppm")
      }
    }
  }

  func read(_ name: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  func has(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
}
