import Autodiff
import NeuralNetworks
import Tensors

/// The network of NAS-Bench-201 in which a derived cell is trained from scratch; C = 16 and N = 5 in the benchmark.
///
/// Each edge has its one operation, in its original form whatever space it was searched in; all batch norms have
/// gain and bias.
public final class NASBench201Network {
  /// The cell it is made of.
  public let genotype: NASBench201Genotype
  private let backbone: NASBench201Backbone<DiscreteNASBench201Cell>

  /// Creates the network with random weights: C = `channels`, N = `cellsPerStage`.
  public init(
    _ genotype: NASBench201Genotype, channels: Int, cellsPerStage: Int, classes: Int,
    seed: RandomGenerator
  ) {
    self.genotype = genotype
    backbone = NASBench201Backbone(
      channels: channels, cellsPerStage: cellsPerStage, classes: classes, seed: seed
    ) { DiscreteNASBench201Cell(genotype, channels: $0, name: $1, seed: seed) }
  }

  /// The class scores [N, classes] of images [N, 32, 32, 3]; there is no auxiliary head.
  public func callAsFunction(
    _ images: Tensor, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    (backbone(images, in: pass) { cell, x in cell(x, in: pass) }, nil)
  }
}

extension NASBench201Network: Layer {
  /// The weights, from the stem to the classifier.
  public var parameters: [Parameter] { backbone.layers.flatMap(\.parameters) }
  /// The running statistics, from the stem to the head.
  public var buffers: [Parameter] { backbone.layers.flatMap(\.buffers) }
}

/// A derived cell of NAS-Bench-201: every node is the sum of one operation per edge.
final class DiscreteNASBench201Cell: Layer {
  private let edges: [PathNetwork]
  var parameters: [Parameter] { edges.flatMap(\.parameters) }
  var buffers: [Parameter] { edges.flatMap(\.buffers) }

  init(_ genotype: NASBench201Genotype, channels: Int, name: String, seed: RandomGenerator) {
    edges = zip(SearchSpace.nasBench201.edges, genotype.operations).map { edge, operation in
      PathNetwork(
        SearchSpace.nasBench201Path(operation), channels: channels, affine: true,
        name: "\(name).edge\(edge.source)to\(edge.target)", seed: seed)
    }
  }

  /// Node 3, D5-1: x and the result are [N, H, W, C].
  func callAsFunction(_ x: Variable, in pass: ForwardPass) -> Variable {
    let run = PathNetwork.Run(pass: pass, architecture: nil, edge: 0)
    let indices = SearchSpace.nasBench201.edges
    var nodes = [PathInput(x)]
    for target in 1..<4 {
      let incoming = edges.indices.filter { indices[$0].target == target }
      let summands = incoming.flatMap { index in
        edges[index].summands(nodes[indices[index].source], run).map(\.summand)
      }
      // Zero, if all operations are `none`.
      nodes.append(
        PathInput(summands.isEmpty ? edges[incoming[0]].value(nodes[0], run) : mixture(summands)))
    }
    return nodes[3].value
  }
}
