import Autodiff
import SearchSpaces
import Tensors

/// What the sets of a network's nodes tell after an epoch.
struct ObservedTopology {
  /// One kind of cells: its name, beta [subsets], pi [subsets] and q [edges].
  private struct Cell {
    let name: String
    let beta: Tensor
    let pi: Tensor
    let marginals: Tensor
  }

  private let topology: CellTopology
  private let temperature: Scalar
  private let cells: [Cell]

  /// Observes the sets of `sizes` in a network that was prepared for them, at a temperature larger than 0.
  init(_ network: some Supernet, sizes: SubsetSizes, temperature: Scalar) {
    let (space, parameters) = (network.space, network.architectureParameters)
    let topology = CellTopology(space.edges, sizes: sizes)
    (self.topology, self.temperature) = (topology, temperature)
    cells = space.cells.indices.map { kind in
      let beta = parameters[space.cells.count + kind].value
      let pi = subsetProbabilities(.constant(beta), topology, temperature: temperature)
      return Cell(
        name: space.cells[kind].name, beta: beta, pi: pi.value,
        marginals: edgeMarginals(pi, topology).value)
    }
  }

  /// The distribution of each node of each kind of cells.
  private var distributions: [[Double]] {
    cells.flatMap { cell in
      let pi = cell.pi.doubles
      return topology.nodes.map { Array(pi[$0.range]) }
    }
  }

  /// The share that the strongest set of the least decided node lacks, in [0, 1); 0 is decided.
  var undecided: Double { distributions.map { 1 - ($0.max() ?? 1) }.max() ?? 0 }

  /// The mean entropy of the nodes' distributions, in nats; nodes with a single set count 0.
  var setEntropy: Double {
    meanEntropy(
      cells.flatMap { cell in
        topology.nodes.map { node in
          Tensor(node.range.map { cell.beta[$0] / temperature }, shape: [1, node.range.count])
        }
      })
  }

  /// `undecided` and the mean entropy.
  var columns: [ReportColumn] {
    [
      ReportColumn("undecided", undecided, .decimals(4)),
      ReportColumn("set entropy", setEntropy, .decimals(3)),
    ]
  }
}

// MARK: - Tables

extension ObservedTopology {
  /// The tables `marginals`, a row for each cell and edge, and `subsets`, one for each cell and set.
  func records(epoch: Int) -> [UnitRecord] {
    [
      UnitRecord(
        "marginals", columns: ["epoch", "cell", "edge", "q"],
        rows: cells.flatMap { cell in
          topology.edges.enumerated().map { index, edge in
            ["\(epoch)", cell.name, "\(edge.source)->\(edge.target)", "\(cell.marginals[index])"]
          }
        }),
      UnitRecord(
        "subsets", columns: ["epoch", "cell", "node", "subset", "beta", "pi"],
        rows: cells.flatMap { cell in
          topology.nodes.flatMap { node in
            zip(node.range, node.subsets).map { place, subset in
              [
                "\(epoch)", cell.name, "\(node.node)", name(subset), "\(cell.beta[place])",
                "\(cell.pi[place])",
              ]
            }
          }
        }),
    ]
  }

  /// The sources of a set, `0+2`; `empty` is the empty set.
  private func name(_ subset: [Int]) -> String {
    subset.isEmpty ? "empty" : subset.map { "\(topology.edges[$0].source)" }.joined(separator: "+")
  }
}

// MARK: - The rule of DARTS

extension ObservedTopology {
  /// What the search derives, and what the rule of DARTS, two edges a node, would derive from the same alpha.
  func comparison<Network: Supernet>(in network: Network) -> [String] {
    let space = network.space.with(StrongestEdges())
    let edges = zip(space.cells, network.architectureParameters).map { cell, alpha in
      space.derivation.edges(
        CellEvidence(space, logWeights: cell.logCandidateWeights(alpha.value)))
    }
    return [
      "derived: \(network.genotype)",
      "the two strongest edges of each node, as DARTS keeps them, would be: "
        + "\(Network.Genotype(edges, of: space))",
    ]
  }
}
