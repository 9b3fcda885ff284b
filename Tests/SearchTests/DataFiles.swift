import TestSupport

extension TemporaryFolder {
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
}
