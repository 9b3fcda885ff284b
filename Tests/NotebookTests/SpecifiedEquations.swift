/// An equation as the specification lists it.
struct SpecifiedEquation {
  let id: String
  let subject: String
  /// Its provenance, in the short form of the specification.
  let tag: String

  init(_ id: String, _ subject: String, _ tag: String) {
    self.id = id
    self.subject = subject
    self.tag = tag
  }

  /// The tags that its sources must carry, all of them and no others.
  ///
  /// The short form spelled out: of the paper only words are known, so its formulas are somebody else's; what is
  /// tagged as the paper's alone is a natural reading of the words, which is what `high` means. Names are
  /// separated by commas, for a slash belongs to the name of a repository.
  var sourceTags: [String] {
    switch tag {
    case "paper": ["paper: words only; formula reconstructed: high"]
    case "paper; reconstructed: high": ["paper: words only; formula reconstructed: high"]
    case "paper; reconstructed: medium": ["paper: words only; formula reconstructed: medium"]
    case "paper; published: DARTS": ["paper: words only; published: DARTS"]
    case "published: RepVGG/MergeNAS": ["published: RepVGG, MergeNAS"]
    case "published: RepVGG/DBB/RepNAS": ["published: RepVGG, DBB, RepNAS"]
    case "published: quark0/darts, AutoDL-Projects":
      ["published: quark0/darts", "published: D-X-Y/AutoDL-Projects"]
    case "reconstructed: low; counts derived": ["reconstructed: low", "derived"]
    case "reconstructed: medium, low": ["reconstructed: medium", "reconstructed: low"]
    default: [tag]
    }
  }

  /// Of the distribution over sets of edges: pairs are published, sets of other sizes are a generalization.
  private static let pairs = "published: guyuchao/DOTS; reconstructed: high"

  /// All of the specification: the index of the TS series, and of the other methods what concerns explicit topology
  /// learning and DOTS (A), GOLD-NAS (B), ST-NAS (C), DARTS, its relatives and the space of NAS-Bench-201.
  static let all = [
    Self("TS-1", "weighted sum of an edge", "paper; published: DARTS"),
    Self("TS-1b", "edge of PC-DARTS and GDAS", "published: PC-DARTS, GDAS"),
    Self("TS-2", "operation as a chain", "reconstructed: high"),
    Self("TS-3", "module signature and classes", "reconstructed: high"),
    Self("TS-4", "chains of the candidates", "published: quark0/darts, AutoDL-Projects"),
    Self("TS-5", "kernel embedding", "published: MergeNAS"),
    Self("TS-6", "merged parallel convolutions", "published: RepVGG/MergeNAS"),
    Self("TS-7", "merged serial PW and DW", "published: MergeNAS"),
    Self("TS-8", "folding evaluation-mode BN", "published: RepVGG/DBB/RepNAS"),
    Self("TS-9", "invalidity for ReLU and train-mode BN", "paper"),
    Self("TS-10", "shared prefix", "reconstructed: high"),
    Self("TS-11", "shared suffix, nested sum", "paper; reconstructed: high"),
    Self("TS-12", "edge after PMS", "paper; reconstructed: high"),
    Self("TS-13", "nested weights from logits, entropy chain rule", "reconstructed: high"),
    Self("TS-14", "group weight outside BN", "reconstructed: high"),
    Self("TS-15", "N1, N2", "reconstructed: medium, low"),
    Self("TS-16", "recursion of weights", "reconstructed: high"),
    Self("TS-17", "effective weights under a shared BN", "reconstructed: high"),
    Self("TS-17b", "amplitude of the group", "reconstructed: low"),
    Self("TS-18", "double-stacked operation after PMS", "reconstructed: high"),
    Self("TS-19", "FMS-A", "paper; reconstructed: medium"),
    Self("TS-20", "FMS-B, FMS-C", "reconstructed: low"),
    Self("TS-21", "merge rule", "reconstructed: low"),
    Self("TS-22", "termination", "reconstructed: medium"),
    Self("TS-23", "output variance for white input", "reconstructed: medium"),
    Self("TS-24", "KN-1", "reconstructed: medium"),
    Self("TS-25", "invariance and gradient of KN-1", "reconstructed: medium"),
    Self("TS-26", "KN before the sum", "reconstructed: medium"),
    Self("TS-27", "KN-0 to KN-4", "reconstructed: low"),
    Self("TS-27b", "measured output deviations", "reconstructed: low"),
    Self("TS-28", "limit of KN in variant T", "reconstructed: medium"),
    Self("TS-29", "with DARTS", "published: DARTS"),
    Self("TS-30", "with beta-DARTS", "published: beta-DARTS"),
    Self("TS-31", "with GDAS", "published: GDAS; reconstructed: medium"),
    Self("TS-32", "with PC-DARTS", "published: PC-DARTS"),
    Self("TS-33", "discretisation", "reconstructed: high"),
    Self("TS-34", "normalized cost", "reconstructed: low"),
    Self("TS-35", "analytic cost", "reconstructed: high"),
    Self("TS-36", "NAS-Bench-201 edge", "reconstructed: high"),
    Self("TS-36b", "linear operations as one DW kernel", "reconstructed: high"),
    Self("TS-37", "DARTS edge, variant T", "reconstructed: medium"),
    Self("TS-38", "DARTS edge, variant P", "reconstructed: medium"),
    Self("A-1", "distribution over sets of predecessors", pairs),
    Self("A-2", "marginals of edges", pairs),
    Self("A-3", "budget of a node", pairs),
    Self("A-4", "mixed edge below a marginal", pairs),
    Self("A-5", "node as a sum over marginals", pairs),
    Self("A-6", "derivatives of the marginals", "reconstructed: high"),
    Self("A-7", "derivation of sets and operations", pairs),
    Self("A-8", "joint search of operations and topology", "reconstructed: medium"),
    Self("A-9", "probability that a node dangles", "reconstructed: low"),
    Self("A-10", "probability that a node is empty", "reconstructed: low"),
    Self("A-11", "hinge form of the term", "reconstructed: low"),
    Self("A-12", "gated form of the term", "reconstructed: low"),
    Self("A-13", "derivatives of the probability to dangle", "reconstructed: low"),
    Self("A-14", "temperature of the sets", "published: guyuchao/DOTS"),
    Self("A-15", "order of the sets", pairs),
    Self("A-16", "two groups of operations, and their balance", "published: guyuchao/DOTS"),
    Self("A-17", "learning rate of DOTS", "published: guyuchao/DOTS"),
    Self("A-18", "images and order of the phases of DOTS", "published: guyuchao/DOTS"),
    Self("A-19", "derivation of DOTS", "published: guyuchao/DOTS"),
    Self("A-20", "cells of DOTS", "published: guyuchao/DOTS"),
    Self("A-21", "gradient of the hinge form", "derived"),
    Self("A-22", "properties of the marginals", "derived"),
    Self("B-1", "node as a sum of gated operations", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-2", "one-level loss", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-3", "penalty on relative gates", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-4", "cost of a gated operation", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-5", "gradient of the penalty", "derived"),
    Self("B-6", "weight of the penalty over the epochs", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-7", "pruning after an epoch", "published: sunsmarterjie/GOLD_NAS"),
    Self(
      "B-8", "stable architectures as Pareto points",
      "published: sunsmarterjie/GOLD_NAS; reconstructed: high"),
    Self("B-9", "size of the gated space", "derived"),
    Self("B-10", "order of the pruning", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-11", "cost of what is not gated", "derived"),
    Self("B-12", "modules of a gated cell", "published: sunsmarterjie/GOLD_NAS"),
    Self(
      "B-13", "stop, and the final point", "published: sunsmarterjie/GOLD_NAS; reconstructed: high"),
    Self("B-14", "no node is emptied", "derived"),
    Self("B-15", "one-level step", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-16", "weight of the penalty in quiet epochs", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-17", "text of the cells", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-18", "augmentation of a one-level search", "published: sunsmarterjie/GOLD_NAS"),
    Self("B-19", "rates of the training", "published: sunsmarterjie/GOLD_NAS"),
    Self("C-1", "Langevin dynamics", "published: Welling and Teh 2011"),
    Self("C-1b", "Langevin dynamics as an optimizer", "derived"),
    Self("C-2", "score by several weight samples", "reconstructed: medium"),
    Self("C-3", "training of sampled topologies", "reconstructed: medium"),
    Self("C-4", "node as a sum over the edges that are on", "reconstructed: medium"),
    Self("C-5", "evolution under a budget", "reconstructed: low"),
    Self("C-6", "size of the topology-augmented space", "derived"),
    Self("C-7", "stages, and counts of their graphs", "reconstructed: low; counts derived"),
    Self("C-8", "mutants, crossovers and ranking", "reconstructed: low"),
    Self("C-9", "weight samples and batch norms of the score", "reconstructed: low"),
    Self("C-10", "Langevin dynamics on a quadratic", "derived"),
    Self("C-11", "the two forms of a Langevin step", "derived"),
    Self("C-12", "what else could be the published number", "derived"),
    Self("C-13", "cost of an inverted residual", "derived"),
    Self("D1-1", "mixed edge of DARTS", "published: quark0/darts"),
    Self("D1-2", "node as a sum over its predecessors", "published: quark0/darts"),
    Self("D1-3", "cell output as a concatenation", "published: quark0/darts"),
    Self("D1-4", "bilevel search", "published: quark0/darts"),
    Self("D1-5", "unrolled weights", "published: quark0/darts"),
    Self("D1-6", "second-order architecture gradient", "published: quark0/darts"),
    Self("D1-7", "first-order architecture gradient", "published: quark0/darts"),
    Self("D1-8", "derivation of a cell", "published: quark0/darts"),
    Self("D1-9", "cosine learning rate", "published: quark0/darts"),
    Self("D1-10", "size of the DARTS space", "derived"),
    Self("D2-1", "partial channels", "published: yuhuixu1993/PC-DARTS"),
    Self("D2-2", "edge normalization", "published: yuhuixu1993/PC-DARTS"),
    Self("D2-3", "derivation of PC-DARTS", "published: yuhuixu1993/PC-DARTS"),
    Self("D3-1", "logits with Gumbel noise", "published: D-X-Y/AutoDL-Projects"),
    Self("D3-2", "softmax at a temperature", "published: D-X-Y/AutoDL-Projects"),
    Self("D3-3", "straight-through weights", "published: D-X-Y/AutoDL-Projects"),
    Self("D3-4", "sampled edge and its gradient", "published: D-X-Y/AutoDL-Projects"),
    Self("D3-5", "temperature of GDAS", "published: D-X-Y/AutoDL-Projects"),
    Self("D4-1", "beta decay", "published: Sunshine-Ye/Beta-DARTS"),
    Self("D4-2", "gradient of the beta decay", "published: Sunshine-Ye/Beta-DARTS"),
    Self("D4-3", "weight of the beta decay", "published: Sunshine-Ye/Beta-DARTS"),
    Self("D5-1", "cell of NAS-Bench-201", "published: D-X-Y/AutoDL-Projects"),
    Self("D7-1", "edge with an auxiliary skip", "published: Meituan-AutoML/DARTS-"),
    Self("D7-2", "weight of the auxiliary skip", "published: Meituan-AutoML/DARTS-"),
  ]
}
