import Tensors

/// Average pooling that counts only pixels inside the image: x [N, H, W, C], result [N, H', W', C].
public func averagePool(_ x: Variable, _ window: Window) -> Variable {
  let shape = x.shape
  return .lazyResult(of: "averagePool", [x], AveragePooling.forward(x.value, window)) {
    [x = x.slot] g, gradients in
    gradients.add(
      AveragePooling.Share(gradient: g, window, of: shape), of: shape, to: x, now: false)
  }
}

/// Max pooling; padding never wins: x [N, H, W, C], result [N, H', W', C].
public func maxPool(_ x: Variable, _ window: Window) -> Variable {
  let input = x.value
  let y = MaxPooling.forward(input, window)
  return .lazyResult(of: "maxPool", [x], y) { [x = x.slot] g, gradients in
    gradients.add(
      MaxPooling.Share(gradient: g, window, x: input, y: y), of: input.shape, to: x, now: false)
  }
}

/// The mean over height and width: x [N, H, W, C], result [N, C].
public func globalAverage(_ x: Variable) -> Variable {
  let shape = x.shape
  return .result(of: "globalAverage", [x], GlobalAverage.forward(x.value)) {
    [x = x.slot] g, gradients in
    gradients.add(GlobalAverage.inputGradient(g, shape: shape), to: x)
  }
}

/// The channels of several maps one after the other.
public func concatenateChannels(_ parts: [Variable]) -> Variable {
  let slots = parts.map { ($0.slot, $0.shape.channels) }
  return .result(of: "concatenate", parts, .concatenatingChannels(parts.map(\.value))) {
    g, gradients in
    var first = 0
    for (slot, channels) in slots {
      let range = first..<first + channels
      if g.shape.rank == 4 {
        let share = ChannelSlice(of: g, range)
        gradients.add(share, of: share.shape, to: slot, now: false)
      } else {
        gradients.add(g.channels(range), to: slot)
      }
      first += channels
    }
  }
}

/// Some neighbouring channels of a map.
public func channels(_ x: Variable, _ range: Range<Int>) -> Variable {
  let shape = x.shape
  return .result(of: "channels", [x], x.value.channels(range)) { [x = x.slot] g, gradients in
    let outer = Array(shape.extents.dropLast())
    let before = Tensor.zeros(Shape(outer + [range.lowerBound]))
    let after = Tensor.zeros(Shape(outer + [shape.channels - range.upperBound]))
    gradients.add(.concatenatingChannels([before, g, after]), to: x)
  }
}

/// Every second pixel of every second row, from (`offset`, `offset`) on: x [N, H, W, C], result [N, H / 2, W / 2, C].
public func subsample(_ x: Variable, offset: Int) -> Variable {
  let shape = x.shape
  return .result(of: "subsample", [x], Subsampling.forward(x.value, offset: offset)) {
    [x = x.slot] g, gradients in
    gradients.add(
      Subsampling.Share(gradient: g, shape: shape, offset: offset), of: shape, to: x, now: false)
  }
}
