import SearchSpaces
import Tensors
import TopologicalSimplification

/// Exercise `shared-prefix`, chapter 10: a sum in which the modules that all summands begin with run once.
///
/// Each summand is a chain of modules, `branch.path.steps`. As long as the modules at the start have one signature in all
/// of them they are shared: `ModuleSpec.shared` makes one of several. What follows is the sum of what remains, with the
/// weights that the branches have. If nothing is shared, it is the sum itself.
///
/// Of every chain at least one module remains.
func yourSharingPrefix(of branches: [Branch]) -> Path {
  .choice(branches)  // Write this.
}

extension Exercise {
  static var sharedPrefix: Exercise {
    Exercise(
      "shared-prefix",
      hint: """
        steps[0].singleModule is the first module of a chain, and signature tells its type and geometry. Count how far the \
        chains agree; then Path.chain([shared modules..., .choice(shorter branches)]), flattened.
        """,
      yours: yourSharingPrefix,
      library: { branches in
        let length = commonLength(branches)
        guard length > 0 else { return .choice(branches) }
        return sharing(.prefix, length: length, of: branches, Array(branches.indices))
      },
      wrong: [
        ("stub", { .choice($0) }),
        (
          "the first module alone",
          { sharing(.prefix, length: min(1, commonLength($0)), of: $0, Array($0.indices)) }
        ),
        (
          "whatever the signature",
          { sharing(.prefix, length: 2, of: $0, Array($0.indices)) }
        ),
        (
          "at the end instead",
          { sharing(.suffix, length: 1, of: $0, Array($0.indices)) }
        ),
      ]
    ) { share, findings in
      let relu = ModuleSpec.Kind.relu
      let pointwise = ModuleSpec.Kind.convolution(Window(1), .dense, .own)
      let small = ModuleSpec.Kind.convolution(Window(3), .depthwise, .own)
      let large = ModuleSpec.Kind.convolution(Window(5), .depthwise, .own)
      for chains in [
        [[relu, small, pointwise], [relu, large, pointwise]],
        [[relu, pointwise, small], [relu, pointwise, large], [relu, pointwise, pointwise]],
        [[relu, small], [small, relu], [relu, large]],
      ] {
        let branches = sum(of: chains)
        let length = commonLength(branches)
        let expected =
          length == 0
          ? Path.choice(branches)
          : sharing(.prefix, length: length, of: branches, Array(branches.indices))
        let found = share(branches).flattened
        findings.expect(
          "\(found)" == "\(expected.flattened)", "expected\n\(expected)\nfound\n\(found)")
        findings.expect(
          found.modules.map(\.name) == expected.modules.map(\.name),
          "a shared module belongs to all candidates: expected \(expected.modules.map(\.name)), "
            + "found \(found.modules.map(\.name))")
      }
    }
  }

  /// A sum of chains, with the weights of as many candidates.
  private static func sum(of chains: [[ModuleSpec.Kind]]) -> [Branch] {
    chains.enumerated().map { index, kinds in
      let owner = Primitive(rawValue: "candidate_\(index)")
      let modules = kinds.enumerated().map { ModuleSpec($1, of: owner, role: "module\($0)") }
      return Branch(
        ArchitectureWeight([index], within: Array(chains.indices)), .chain(modules))
    }
  }

  /// How many modules all chains begin with.
  private static func commonLength(_ branches: [Branch]) -> Int {
    let signatures = branches.map { $0.path.modules.map(\.signature) }
    let shortest = (signatures.map(\.count).min() ?? 0) - 1
    return (0..<max(0, shortest)).prefix { index in
      Set(signatures.map { $0[index] }).count == 1
    }.count
  }
}
