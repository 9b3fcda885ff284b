/// The network of GOLD-NAS as far as its cost goes: a stem, a chain of cells with gated edges, a classifier.
///
/// Every cell has two inputs and four nodes as in DARTS, and on each of its 14 edges a skip connection and a
/// separable 3x3 convolution. Two cells, at a third and at two thirds of the depth, halve the image and double the
/// channels. Costs are millions of multiply-accumulates for one image.
public struct GatedChain: Hashable, Sendable {
  /// What the cost of a cell depends on.
  public struct Cell: Hashable, Sendable {
    /// C: the channels of its nodes.
    public let channels: Int
    /// The channels of its two inputs together, before their preprocessing.
    public let inputChannels: Int
    /// Rows and columns of its inputs, after a reduction before.
    public let inputExtent: Int
    /// Whether the cell halves the image.
    public let isReduction: Bool

    /// Rows and columns of its nodes.
    public var extent: Int { isReduction ? (inputExtent + 1) / 2 : inputExtent }
  }

  /// C_0: the channels of the first cell.
  public let channels: Int
  /// H: rows and columns of the images.
  public let extent: Int
  /// M: the classes.
  public let classes: Int
  /// The cells, in their order.
  public let cells: [Cell]

  /// The node of each edge of a cell.
  public static let targets = (2...5).flatMap { node in (0..<node).map { _ in node } }

  /// Creates the chain; the published search has 36 channels and 14 cells.
  public init(channels: Int = 36, cells count: Int = 14, extent: Int = 32, classes: Int = 10) {
    precondition(
      channels > 0 && count > 0 && extent > 0 && classes > 0, "a network has no size of 0")
    self.channels = channels
    self.extent = extent
    self.classes = classes
    var (current, size, outputs) = (channels, extent, [3 * channels, 3 * channels])
    cells = (0..<count).map { index in
      let isReduction = [count / 3, 2 * count / 3].contains(index)
      if isReduction { current *= 2 }
      let cell = Cell(
        channels: current, inputChannels: outputs[0] + outputs[1], inputExtent: size,
        isReduction: isReduction)
      size = cell.extent
      outputs = [outputs[1], 4 * current]
      return cell
    }
  }

  /// The gates of cell `index`, with their costs.
  public func gatedCell(_ index: Int) -> GatedCell {
    let cell = cells[index]
    let costs = (2...5).flatMap { node in
      (0..<node).flatMap { source in
        [
          skipCost(isStrided: cell.isReduction && source < 2, cell.channels, extent: cell.extent),
          separableConvolutionCost(cell.channels, extent: cell.extent),
        ]
      }
    }
    return GatedCell(targets: Self.targets, operations: 2, costs: costs)
  }

  /// The cost of all gated operations together.
  public var gatedCost: Double { cells.indices.reduce(0) { $0 + gatedCell($1).cost } }

  /// The cost of all that is not gated: the stem, the two preprocessings of every cell, the classifier.
  ///
  /// Equation: B-11 [derived]. 10^-6 (81 C_0 H^2 + sum over cells c of (C_pp + C_p) C r_c^2 + 4 C_last M), H the
  /// extent of the image, M classes; cell c has inputs of C_pp and C_p channels and the extent r_c, its nodes C
  /// channels.
  ///
  /// Explained in chapter 26.
  public var baseCost: Double {
    let stem = 81 * channels * extent * extent
    let preprocessings = cells.reduce(0) {
      $0 + $1.inputChannels * $1.channels * $1.inputExtent * $1.inputExtent
    }
    let classifier = 4 * (cells.last?.channels ?? 0) * classes
    return Double(stem + preprocessings + classifier) / 1e6
  }
}

/// The cost of a separable 3x3 convolution of C channels on nodes of H x H, in millions of multiply-accumulates.
///
/// Equation: B-4 [published: sunsmarterjie/GOLD_NAS]. F = 2 10^-6 (C_0^2 32^2 + 9 32^2 C_0 / r), r = C / C_0; as H =
/// 32 / r, it is 2 10^-6 (C^2 + 9 C) H^2: twice a depthwise and a pointwise convolution.
///
/// Explained in chapter 26.
public func separableConvolutionCost(_ channels: Int, extent: Int) -> Double {
  Double(2 * (channels * channels + 9 * channels) * extent * extent) / 1e6
}

/// The cost of a skip connection of C channels to nodes of H x H, in millions of multiply-accumulates.
///
/// Equation: B-4 [published: sunsmarterjie/GOLD_NAS]. F = 0; with stride 2, in a reduction cell, 10^-6 C_0^2 32^2,
/// which is 10^-6 C^2 H^2: two pointwise convolutions to half of the channels.
///
/// Explained in chapter 26.
public func skipCost(isStrided: Bool, _ channels: Int, extent: Int) -> Double {
  isStrided ? Double(channels * channels * extent * extent) / 1e6 : 0
}
