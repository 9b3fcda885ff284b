import Tensors

/// The macro structure of a network of cells: its layers from first to last, with the sizes of their maps.
///
/// It is not searched. Supernets and the networks of derived architectures are built from it, their costs are folds over
/// it, and pictures of networks are drawn from it.
public struct NetworkPlan: Hashable, Sendable {
  /// What a layer is.
  public enum Kind: Hashable, Sendable {
    /// A 3x3 convolution of the images and batch norm.
    case stem
    /// A cell, of a kind that is an index into the space's cells.
    case cell(Int)
    /// The fixed block that halves the image and doubles the channels.
    case residualBlock
    /// Batch norm and ReLU.
    case normalization
    /// A second classifier, which runs in training only.
    case auxiliaryHead
    /// The average over the image and a linear map to the classes.
    case classifier
  }

  /// One layer.
  public struct Layer: Hashable, Sendable {
    /// What the names of the layer's weights begin with, for example `cells.3`.
    public let name: String
    /// The kind of the layer.
    public let kind: Kind
    /// The maps that the layer reads, the oldest first.
    public let inputs: [MapSize]
    /// The maps inside: of a cell, those of its input nodes; of other layers, the output.
    public let size: MapSize
    /// The map that the layer gives.
    public let output: MapSize

    /// Whether a cell halves the image.
    public var isReduction: Bool { output.height < size.height }
    /// Whether an input of a cell is larger than the cell's nodes and has to be halved first.
    public func halvesInput(_ index: Int) -> Bool { inputs[index].height > size.height }
  }

  /// The layers, the first one first.
  public private(set) var layers: [Layer] = []
  /// Whether the inputs of a cell are brought to its channels and size first.
  public let preprocessesInputs: Bool
  private let cellOutlines: [CellOutline]
  private let images: MapSize
  private let classes: Int

  /// Creates the plan of a network without layers.
  ///
  /// - Parameters:
  ///   - cells: what the network needs to know of each kind of cell.
  ///   - preprocessesInputs: whether the inputs of a cell are brought to its channels and size first.
  ///   - images: the size of the images, which the layers can halve as often as they do.
  ///   - classes: how many classes.
  public init(
    of cells: [CellOutline], preprocessesInputs: Bool,
    images: MapSize = MapSize(
      channels: 3, height: MapSize.imageExtent, width: MapSize.imageExtent), classes: Int
  ) {
    cellOutlines = cells
    self.preprocessesInputs = preprocessesInputs
    self.images = images
    self.classes = classes
  }

  /// The layers that are cells.
  public var cells: [Layer] { layers.filter { if case .cell = $0.kind { true } else { false } } }

  // MARK: Layers

  /// Adds a 3x3 convolution to `channels` channels with batch norm; the first layer.
  public mutating func addStem(channels: Int) {
    precondition(
      layers.isEmpty, "the stem is the first layer, found \(layers.map(\.name)) before it")
    var output = images
    output.channels = channels
    add("stem", .stem, [images], output)
  }

  /// Adds a cell whose nodes have `channels` channels; it reads as many layers before it as it has inputs.
  ///
  /// Where there are fewer, it reads the first one several times.
  public mutating func addCell(kind: Int, channels: Int) {
    let (outline, inputs) = (cellOutlines[kind], latest(cellOutlines[kind].inputCount))
    var size = inputs[inputs.count - 1]
    size.channels = channels
    precondition(
      preprocessesInputs || inputs.allSatisfy { $0 == size },
      "a cell without preprocessing needs inputs of its own size, \(size), found \(inputs)")
    var output = outline.isReduction ? size.halved : size
    output.channels = channels * outline.joinedNodes
    add("cells.\(cells.count)", .cell(kind), inputs, size, output)
  }

  /// Adds the fixed block that halves the image and doubles the channels.
  public mutating func addResidualBlock() {
    let input = latest(1)[0]
    let number = layers.count { $0.kind == .residualBlock } + 1
    add(
      "reduction\(number)", .residualBlock, [input],
      input.after(Window(1, stride: 2), channels: 2 * input.channels))
  }

  /// Adds batch norm and ReLU.
  public mutating func addNormalization() {
    add("lastNorm", .normalization, latest(1), latest(1)[0])
  }

  /// Adds a second classifier that reads the last layer in training; the layers after it do not see it.
  public mutating func addAuxiliaryHead() { addHead("auxiliary", .auxiliaryHead) }

  /// Adds the average over the image and a linear map to the classes; the last layer.
  public mutating func addClassifier() { addHead("classifier", .classifier) }

  private mutating func addHead(_ name: String, _ kind: Kind) {
    add(name, kind, latest(1), MapSize(channels: classes, height: 1, width: 1))
  }

  private mutating func add(
    _ name: String, _ kind: Kind, _ inputs: [MapSize], _ size: MapSize, _ output: MapSize? = nil
  ) {
    layers.append(
      Layer(name: name, kind: kind, inputs: inputs, size: size, output: output ?? size))
  }

  /// The maps that the next layer reads, of the last `count` layers that pass their map on.
  private func latest(_ count: Int) -> [MapSize] {
    let maps = layers.filter { !$0.kind.isHead }.map(\.output)
    guard let first = maps.first else {
      preconditionFailure("a network begins with a stem")
    }
    return Array(repeating: first, count: max(0, count - maps.count)) + maps.suffix(count)
  }
}

extension NetworkPlan.Kind {
  /// Whether the layer gives class scores, which no other layer reads.
  var isHead: Bool { self == .auxiliaryHead || self == .classifier }
}

/// What the network around it needs to know of a kind of cell.
public struct CellOutline: Hashable, Sendable {
  /// How many layers before it a cell reads.
  public let inputCount: Int
  /// Whether the cell halves the image.
  public let isReduction: Bool
  /// How many nodes' channels make up the output.
  public let joinedNodes: Int

  /// Creates an outline.
  public init(inputCount: Int, isReduction: Bool, joinedNodes: Int) {
    self.inputCount = inputCount
    self.isReduction = isReduction
    self.joinedNodes = joinedNodes
  }
}

/// How large a network of cells is.
public struct NetworkSize: Hashable, Sendable {
  /// C: the channels of the nodes of the first cells.
  public var channels: Int
  /// The number of cells, as the macro structure counts them.
  public var cells: Int
  /// Whether a second classifier helps to train the first cells, where the macro structure has a place for it.
  public var hasAuxiliaryHead: Bool

  /// Creates a size.
  public init(channels: Int, cells: Int, hasAuxiliaryHead: Bool = false) {
    self.channels = channels
    self.cells = cells
    self.hasAuxiliaryHead = hasAuxiliaryHead
  }
}

/// How a space stacks its cells to a network.
public protocol MacroStructure: Sendable {
  /// The published size of the network in which derived cells are trained from scratch.
  var evaluationSize: NetworkSize { get }
  /// Adds the layers of a network of this size to an empty plan, from the stem to the classifier.
  func addLayers(of size: NetworkSize, to plan: inout NetworkPlan)
}
