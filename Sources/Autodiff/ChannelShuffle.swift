import Tensors

/// The channels of x dealt out: channel g (C / groups) + c becomes channel c groups + g, in a map [..., C].
public func shuffleChannels(_ x: Variable, groups: Int) -> Variable {
  .result(of: "shuffleChannels", [x], x.value.shufflingChannels(groups: groups)) {
    [x = x.slot] g, gradients in
    gradients.add(g.shufflingChannels(groups: g.shape.channels / groups), to: x)
  }
}
