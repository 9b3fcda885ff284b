import Autodiff
import NeuralNetworks
import Tensors

/// The supernet of a search space: the network of the space's macro structure, every cell with all its candidates.
///
/// All cells of a kind share one architecture parameter, and each has weights of its own. The batch norms of edges have
/// no gain and bias.
public final class CellSupernet<Genotype: SpaceGenotype>: Supernet {
  /// The space whose cells it holds.
  public let space: SearchSpace
  private let architectures: [CellArchitecture]
  private let network: LayeredNetwork<SearchedCell>

  /// Creates the network with random weights and alpha = 0.001 N(0, 1).
  ///
  /// - Parameters:
  ///   - space: the cells, plain or simplified.
  ///   - channels: C, those of the nodes of the first cells.
  ///   - cells: the number of cells, as the space's macro structure counts them.
  ///   - classes: how many classes.
  ///   - hasAuxiliaryHead: whether a second classifier is trained, where the macro structure has a place for it.
  ///   - seed: where the weights come from.
  public init(
    _ space: SearchSpace, channels: Int, cells: Int, classes: Int, hasAuxiliaryHead: Bool = false,
    seed: RandomGenerator
  ) {
    self.space = space
    architectures = space.cells.enumerated().map { kind, cell in
      CellArchitecture(
        space, kind: kind, suffix: space.cells.count == 1 ? "" : ".\(cell.name)", seed: seed)
    }
    let plan = space.plan(
      channels: channels, cells: cells, hasAuxiliaryHead: hasAuxiliaryHead, classes: classes)
    network = LayeredNetwork(plan, seed: seed) { SearchedCell(space, kind: $1, $0, seed: seed) }
  }

  /// The class scores [N, classes] of images [N, H, W, 3].
  ///
  /// - Parameters:
  ///   - images: the images.
  ///   - relaxation: how alpha becomes weights.
  ///   - pass: the mode, and whose gradients are wanted.
  /// - Returns: the logits of the classes.
  public func callAsFunction(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> Variable {
    allScores(images, relaxation, in: pass).scores
  }

  /// The class scores, and in training those of the auxiliary head, if any: both [N, classes].
  public func allScores(
    _ images: Tensor, _ relaxation: any Relaxation, in pass: ForwardPass
  ) -> (scores: Variable, auxiliaryScores: Variable?) {
    let weights = architectures.map { $0.relaxed(by: relaxation, in: pass) }
    for cell in network.cells { cell.computeMergedKernels(weights[cell.kind], in: pass) }
    return network(images, in: pass) { cell, inputs in
      cell(inputs, weights[cell.kind], in: pass)
    }
  }

  /// The logits [edges, columns] of each kind of cell.
  public var alphas: [Parameter] { architectures.map(\.alpha) }
  /// The alphas of all kinds of cells, then what the form of the nodes asks for.
  public var architectureParameters: [Parameter] { architectures.parameters }
  /// The logarithm of every candidate's weight in its node now, [edges, candidates] for each kind of cell.
  public var logCandidateWeights: [Tensor] { architectures.map(\.logCandidateWeights) }
  /// The edges of the cells that the architecture parameters stand for now.
  public var derivedEdges: [[DerivedEdge]] { architectures.map(\.derivedEdges) }
  /// The cells that the architecture parameters stand for now.
  public var genotype: Genotype { Genotype(derivedEdges, of: space) }
  /// The weights w, without alpha, from the stem to the classifier.
  public var parameters: [Parameter] { network.parameters }
  /// The running statistics, from the stem to the last batch norm.
  public var buffers: [Parameter] { network.buffers }
}

/// A searched cell as its network sees it: inputs preprocessed where the space does that, the nodes, the output.
final class SearchedCell: Layer {
  /// Which architecture parameter it follows.
  let kind: Int
  private let space: SearchSpace
  private let preprocessing: [Preprocessing]
  private let nodes: SearchCell
  var parameters: [Parameter] { preprocessing.flatMap(\.parameters) + nodes.parameters }
  var buffers: [Parameter] { preprocessing.flatMap(\.buffers) + nodes.buffers }

  init(
    _ space: SearchSpace, kind: Int, _ place: NetworkPlan.Layer, seed: RandomGenerator
  ) {
    self.kind = kind
    self.space = space
    preprocessing =
      space.preprocessesInputs ? Preprocessing.layers(of: place, affine: false, seed: seed) : []
    nodes = SearchCell(
      space, kind: kind, channels: place.size.channels, name: place.name, seed: seed)
  }

  /// Computes the merged kernels of the cell, before there are maps.
  func computeMergedKernels(_ weights: RelaxedArchitecture, in pass: ForwardPass) {
    nodes.computeMergedKernels(weights, in: pass)
  }

  /// The cell's output [N, H', W', channels], given the maps that it reads, the oldest first.
  ///
  /// Equation: D1-3 [published: quark0/darts]. The channels of the 4 intermediate nodes, one after the other.
  ///
  /// Explained in chapter 05.
  func callAsFunction(
    _ inputs: [Variable], _ weights: RelaxedArchitecture, in pass: ForwardPass
  ) -> Variable {
    let nodes = nodes(preprocessing.applied(to: inputs, in: pass), weights, in: pass)
    switch space.output {
    case .lastNode: return nodes[nodes.count - 1]
    case .concatenation:
      let joined = Array(nodes.dropFirst(space.inputCount))
      guard let shares = weights.outputShares else { return concatenateChannels(joined) }
      return concatenateChannels(
        joined.enumerated().map { mixture([.identity($1)], weights: gather(shares, [$0])) })
    }
  }
}
