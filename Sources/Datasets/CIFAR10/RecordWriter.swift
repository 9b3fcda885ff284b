import Foundation

extension CIFAR10 {
  /// Images as records of the binary form: what `decode` reads.
  public static func encode(_ images: ImageSet) -> Data {
    let plane = ImageSet.extent * ImageSet.extent
    var records = [UInt8](repeating: 0, count: images.count * recordBytes)
    for image in 0..<images.count {
      let (from, to) = (image * ImageSet.imageBytes, image * recordBytes)
      records[to] = images.labels[image]
      for p in 0..<plane {
        for color in 0..<3 {
          records[to + 1 + color * plane + p] = images.pixels[from + p * 3 + color]
        }
      }
    }
    return Data(records)
  }
}
