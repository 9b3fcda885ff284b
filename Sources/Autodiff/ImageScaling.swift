import Tensors

/// Each image times a number of its own: x [N, ...], one factor an image.
public func scaleImages(_ x: Variable, by factors: [Scalar]) -> Variable {
  .result(of: "scaleImages", [x], scaled(x.value, factors)) { [x = x.slot] g, gradients in
    gradients.add(scaled(g, factors), to: x)
  }
}

private func scaled(_ x: Tensor, _ factors: [Scalar]) -> Tensor {
  precondition(
    x.shape.rank > 0 && x.shape[0] == factors.count,
    "\(factors.count) factors do not belong to the images of \(x.shape)")
  var y = x
  let size = x.shape.count / max(1, factors.count)
  y.withMutableScalars { scalars in
    for (n, factor) in factors.enumerated() {
      for i in n * size..<(n + 1) * size { scalars[i] *= factor }
    }
  }
  return y
}
