import NeuralNetworks
import Reports
import TensorFiles
import Tensors

/// All numbers of a network, by the names of an exchange file.
///
/// They are trained weights, alphas and betas of a supernet, and running statistics. A file holds them as F32, in the
/// order of their names, and tells in its metadata which network they belong to.
package struct NetworkWeights {
  package let parameters: [Parameter]
  /// What the network is.
  package let identity: [WeightsSource.Key: String]

  /// How many numbers there are.
  package var count: Int { parameters.reduce(0) { $0 + $1.value.shape.count } }

  // MARK: Writing

  /// The file, with more remarks than the network's own.
  package func file(
    _ layout: WeightsLayout, _ remarks: [WeightsSource.Key: String] = [:]
  ) -> SafeTensors {
    var values = identity.merging(remarks) { $1 }
    values[.version] = WeightsSource.version
    values[.layout] = layout.rawValue
    values[.program] = "toponas \(programVersion)"
    var file = SafeTensors(
      metadata: Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) }))
    for parameter in parameters {
      file[layout.name(parameter.name)] = .scalars(layout.encoded(parameter.value))
    }
    return file
  }

  /// Names and shapes as the file has them.
  package func table(_ layout: WeightsLayout) -> String {
    let rows = parameters.map { parameter in
      (layout.name(parameter.name), layout.extents(parameter.value.shape.extents))
    }
    return TextTable(
      head: ["name", "shape", "numbers"], numeric: [2],
      rows: rows.sorted { $0.0 < $1.0 }.map { name, extents in
        [name, "\(extents)", grouped(extents.reduce(1, *))]
      }
    ).text
  }

  // MARK: Reading

  /// Puts the numbers of a file into the network; if it throws, nothing has changed.
  package func load(_ source: WeightsSource) throws {
    let differences = foreignRemarks(source) + wrongTensors(source)
    guard differences.isEmpty else {
      throw WeightsError.differences(
        source.listing.file, Array(differences.prefix(8)), count: differences.count)
    }
    let values = try parameters.map { parameter in
      let name = source.layout.name(parameter.name)
      let tensor = try source.listing.tensor(source.nameInFile(name))
      try check(tensor, name, source.listing.file)
      return source.layout.decoded(tensor, to: parameter.value.shape)
    }
    for (parameter, value) in zip(parameters, values) { parameter.value = value }
  }

  /// What the metadata say otherwise.
  private func foreignRemarks(_ source: WeightsSource) -> [String] {
    WeightsSource.Key.allCases.compactMap { key in
      guard let expected = identity[key], let found = source.value(key), found != expected else {
        return nil
      }
      return "\(key.rawValue): expected \(expected), found \(found)"
    }
  }

  /// Tensors that are missing, that should not be there, or that are of another shape or type.
  private func wrongTensors(_ source: WeightsSource) -> [String] {
    var rest = source.items
    let wrong = parameters.compactMap { parameter -> String? in
      let name = source.layout.name(parameter.name)
      let extents = source.layout.extents(parameter.value.shape.extents)
      guard let found = rest.removeValue(forKey: name) else {
        return "tensor \(name): expected shape \(extents), found none"
      }
      guard found.extents == extents else {
        return "tensor \(name): expected shape \(extents), found \(found.extents)"
      }
      return found.isOfScalars
        ? nil : "tensor \(name): expected type F16, BF16, F32 or F64, found \(found.type)"
    }
    return wrong
      + rest.keys.sorted().map {
        "tensor \($0): expected none, found shape \(rest[$0]?.extents ?? [])"
      }
  }

  private func check(_ tensor: Tensor, _ name: String, _ file: String) throws(WeightsError) {
    let isVariance = name.hasSuffix(".running_var") || name.hasSuffix(".runningVariance")
    let scalars = tensor.scalars
    guard let index = scalars.firstIndex(where: { !$0.isFinite || isVariance && $0 < 0 }) else {
      return
    }
    throw .number(
      file, tensor: name, index: index,
      expected: isVariance ? "a variance from 0" : "a finite number", found: "\(scalars[index])")
  }
}
