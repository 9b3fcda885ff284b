/// How maps are cut into tiles of 4x4 outputs, sixteen of which are worked on together.
///
/// A transformed tile is [channels / 16][36][16], so that all distances within a block of channels are known to the
/// compiler. A vector more from tile to tile keeps them out of each other's sets in the cache.
struct WinogradTiles {
  /// A tile of one of several images.
  struct Tile {
    /// Where its inputs begin, in pixels from the first one of the canvases.
    let source: Int
    /// Where its outputs begin, in pixels from the first one of the maps.
    let target: Int
    /// How many outputs lie inside.
    let rows: Int
    let columns: Int
  }

  /// Tiles that are worked on together.
  @inline(__always) static var block: Int { 16 }

  /// Images that are worked on together: as many as fill a block, if one alone does not.
  let group: Int
  /// Pixels from one line of a canvas to the next.
  let canvasWidth: Int
  /// All tiles of a group, image by image.
  private let tiles: [Tile]

  /// The tiles of images of x [N, H, W, _].
  init(_ x: Shape) {
    let (height, width) = (Self.wholeTiles(x.height), Self.wholeTiles(x.width))
    group = max(1, min(Self.block / Self.count(x), imagesPerTask(x.images)))
    let (lines, columns) = (height + 2, width + 2)
    canvasWidth = columns
    tiles = (0..<group).flatMap { n in
      stride(from: 0, to: x.height, by: Winograd.tile).flatMap { row in
        stride(from: 0, to: x.width, by: Winograd.tile).map { column in
          Tile(
            source: (n * lines + row) * columns + column,
            target: (n * x.height + row) * x.width + column,
            rows: min(Winograd.tile, x.height - row), columns: min(Winograd.tile, x.width - column))
        }
      }
    }
  }

  /// Calls `body` with the tiles of `images` images, at most sixteen at a time.
  @inline(__always) func forEachBlock(images: Int, _ body: (ArraySlice<Tile>) -> Void) {
    let count = tiles.count / group * images
    for first in stride(from: 0, to: count, by: Self.block) {
      body(tiles[first..<min(first + Self.block, count)])
    }
  }

  /// The tiles of an image of x [N, H, W, _].
  static func count(_ x: Shape) -> Int {
    max(1, wholeTiles(x.height) * wholeTiles(x.width) / (Winograd.tile * Winograd.tile))
  }

  /// An extent rounded up to whole tiles.
  static func wholeTiles(_ extent: Int) -> Int {
    (extent + Winograd.tile - 1) / Winograd.tile * Winograd.tile
  }

  // MARK: Transformed tiles

  /// Scalars of sixteen channels of a transformed tile.
  @inline(__always) static var channelBlock: Int { Winograd.places * lanes }

  /// Scalars from one transformed tile to the next.
  @inline(__always) static func step(_ channels: Int) -> Int {
    channels / lanes * channelBlock + lanes
  }

  /// Writes what was transformed, or a gradient of it, as [36][16].
  @inline(__always)
  static func write(
    _ v: Six<Six<Vector>>, to target: UnsafeMutablePointer<Scalar>, step: Int = lanes
  ) {
    v.forEach { i, row in row.forEach { j, v in store(v, target + (6 * i + j) * step) } }
  }
}
