import NeuralNetworks
import Tensors

/// By which names, and with which order of axes, a file holds the weights of a network.
package enum WeightsLayout: String, CaseIterable {
  /// As the modules of `Peers` have them: kernels [O, I, kH, kW].
  case pytorch
  /// As this program has them: kernels [O, kH, kW, I].
  case swift

  /// The layout of a file that does not state it, guessed from the names of its tensors.
  package init(guessedFrom names: some Sequence<String>) {
    self = names.contains { $0.hasSuffix(".runningMean") } ? .swift : .pytorch
  }

  /// The name in the file of a parameter or running statistic.
  package func name(_ name: String) -> String {
    guard self == .pytorch else { return name }
    var parts = name.split(separator: ".").map(String.init)
    let last = parts.count - 1
    let isOfNorm = last > 0 && (parts[last - 1].hasPrefix("bn") || parts[last - 1] == "lastNorm")
    switch parts[last] {
    // The factors of a merged kernel are no batch norm's.
    case "gain" where isOfNorm: parts[last] = "weight"
    case "runningMean": parts[last] = "running_mean"
    case "runningVariance": parts[last] = "running_var"
    default: break
    }
    if parts[0] == "lastNorm" { parts[0] = "last_norm" }
    // Modules are not called by numbers, unless in a list.
    if let input = parts.firstIndex(where: { $0 == "input0" || $0 == "input1" }), last > input,
      Int(parts[input + 1]) != nil
    {
      parts.insert("kernels", at: input + 1)
    }
    return parts.joined(separator: ".")
  }

  /// The extents in the file of a tensor with these extents.
  package func extents(_ extents: [Int]) -> [Int] {
    self == .pytorch && extents.count == 4
      ? [extents[0], extents[3], extents[1], extents[2]] : extents
  }

  /// The tensor as the file has it.
  package func encoded(_ tensor: Tensor) -> Tensor {
    let extents = tensor.shape.extents
    guard self == .pytorch, extents.count == 4 else { return tensor }
    return Self.swapped(tensor, rows: extents[1] * extents[2], columns: extents[3])
      .reshaped(to: Shape(self.extents(extents)))
  }

  /// The tensor of shape `shape` that the file holds as `tensor`.
  package func decoded(_ tensor: Tensor, to shape: Shape) -> Tensor {
    let extents = shape.extents
    guard self == .pytorch, extents.count == 4 else { return tensor }
    return Self.swapped(tensor, rows: extents[3], columns: extents[1] * extents[2])
      .reshaped(to: shape)
  }

  /// [O, rows, columns] as [O, columns, rows]: the pixels of a kernel count as one axis.
  private static func swapped(_ tensor: Tensor, rows: Int, columns: Int) -> Tensor {
    let (all, size) = (tensor.scalars, rows * columns)
    return Tensor(
      all.indices.map { index in
        let (kernel, place) = (index / size, index % size)
        return all[kernel * size + place % rows * columns + place / rows]
      }, shape: tensor.shape)
  }
}
