import Foundation
import Tensors

/// Reference values computed outside the project, read from a JSON file among the test resources.
public struct GoldenFile: Decodable, Sendable {
  /// All cases of the file.
  public let cases: [GoldenCase]

  /// Reads `layers-golden`, `worked-examples`, `methods-golden`, `methods-next-golden` or
  /// `autoaugment-golden`.
  public init(_ name: String) throws {
    guard
      let url = Bundle.module.url(
        forResource: name, withExtension: "json", subdirectory: "Golden")
    else { throw GoldenError(description: "no golden file \(name).json among the resources") }
    self = try JSONDecoder().decode(GoldenFile.self, from: Data(contentsOf: url))
  }

  /// The case named `id`.
  public subscript(id: String) -> GoldenCase {
    get throws {
      guard let found = cases.first(where: { $0.id == id }) else {
        throw GoldenError(description: "no golden case named \(id)")
      }
      return found
    }
  }
}

/// One set of reference values.
public struct GoldenCase: Decodable, Sendable {
  /// The name of the case.
  public let id: String
  /// The operation of a layer case.
  public let op: String?
  /// The equation of a method case.
  public let equation: String?
  private let tolerance: Double?
  private let scalars: [String: Double]?
  private let vectors: [String: [Double]]?
  private let tensors: [String: GoldenTensor]?
  private let labels: [String: [String]]?

  /// A number.
  public func scalar(_ name: String) throws -> Double { try find(name, scalars) }
  /// A whole number.
  public func integer(_ name: String) throws -> Int { Int(try scalar(name)) }
  /// A list of numbers.
  public func vector(_ name: String) throws -> [Double] { try find(name, vectors) }
  /// A list of words.
  public func label(_ name: String) throws -> [String] { try find(name, labels) }
  /// A tensor in the layout of this project.
  public func tensor(_ name: String) throws -> Tensor { try find(name, tensors).converted }
  /// Whether there is a tensor of that name.
  public func hasTensor(_ name: String) -> Bool { tensors?[name] != nil }
  /// |a - b| <= tolerance (1 + |b|): the case's own, or that of a single-precision reference.
  public var relativeTolerance: Double { isDoublePrecision ? tolerance ?? 1e-9 : 1e-5 }

  private func find<Value>(_ name: String, _ values: [String: Value]?) throws -> Value {
    guard let value = values?[name] else {
      throw GoldenError(description: "golden case \(id) has no \(name)")
    }
    return value
  }
}

/// A flat list of numbers with the layout in which the reference wrote it.
struct GoldenTensor: Decodable, Sendable {
  let shape: [Int]
  let layout: String
  let data: [Double]

  /// NCHW becomes [N, H, W, C], OIHW becomes [O, kH, kW, I]; other layouts stay.
  var converted: Tensor {
    guard ["NCHW", "OIHW"].contains(layout) else {
      return Tensor(data.map { Scalar($0) }, shape: Shape(shape))
    }
    let (channels, height, width) = (shape[1], shape[2], shape[3])
    var tensor = Tensor.zeros([shape[0], height, width, channels])
    for n in 0..<shape[0] {
      for c in 0..<channels {
        for h in 0..<height {
          for w in 0..<width {
            tensor[n, h, w, c] = Scalar(data[((n * channels + c) * height + h) * width + w])
          }
        }
      }
    }
    return tensor
  }
}

/// What is missing in a golden file.
struct GoldenError: Error, CustomStringConvertible {
  let description: String
}
