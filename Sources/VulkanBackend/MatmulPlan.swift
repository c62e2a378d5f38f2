/// How one matrix product is laid over the device: which kernel, which tile, how many workgroups.
///
/// The plan never changes a result: every kernel and tile accumulates each
/// element in the same order (see `Matmul.glsl`).
struct MatmulPlan: Hashable, Sendable {
  /// What kind of driver runs the kernel.
  enum Target: Hashable, Sendable {
    /// A driver on the CPU.
    ///
    /// - `smallTiles`: tiles that compile fast where the compiler is slow (SwiftShader).
    case cpuDriver(smallTiles: Bool)
    /// A graphics card.
    case gpu
  }

  /// The part of the work that one workgroup does.
  struct Tile: Hashable, Sendable {
    var invocations: UInt32
    /// How the invocations lie over the tile; those beyond `laneRows * laneColumns` only help to load.
    var laneRows: UInt32
    var laneColumns: UInt32
    /// Rows, and quads of columns, of one invocation.
    var rows: UInt32
    var quads: UInt32
    /// Steps of k taken together.
    var depth: UInt32

    var groupRows: Int { Int(laneRows * rows) }
    var groupColumns: Int { Int(laneColumns * quads) * 4 }
  }

  /// The file of the kernel.
  var file: String
  /// Macros beyond `ELEMENT`, `VECTOR4` and `CHECKED`.
  var definitions: [String: String]
  var tile: Tile
  /// Whether the rows of all entries are one tall matrix.
  var gathersRows: Bool
  var rowTiles: Int
  var columnTiles: Int
  var slices: Int

  /// Specialisation constants 0, 1, 2.
  var localSize: (x: UInt32, y: UInt32, z: UInt32) { (tile.invocations, 1, 1) }

  /// Specialisation constants from 10 on.
  var constants: [UInt32] {
    let lanes = [gathersRows ? 1 : 0, tile.laneRows, tile.laneColumns]
    return definitions["TILE_ROWS"] == nil ? lanes + [tile.rows, tile.quads, tile.depth] : lanes
  }

  /// Their number in all; the caller folds it into three dimensions, and may launch a few more.
  var workgroups: Int { rowTiles * columnTiles * slices }

  /// The words of the argument block after word 6.
  var words: [UInt32] { [UInt32(rowTiles), UInt32(columnTiles)] }

  /// A plan for `entries` products of a `rows` × `depth` by a `depth` × `columns` matrix.
  ///
  /// - Parameters:
  ///   - sharedRight: all entries have the same right operand, and the same bias or none.
  ///   - vectorLeft, vectorRight: whether constants 8 and 9 are set.
  init(
    rows: Int, columns: Int, depth: Int, entries: Int, sharedRight: Bool, vectorLeft: Bool,
    vectorRight: Bool, target: Target
  ) {
    gathersRows = sharedRight
    slices = sharedRight ? 1 : entries
    let tall = sharedRight ? rows * entries : rows
    file = "Matmul.comp"
    definitions = [:]

    switch target {
    case .cpuDriver(let smallTiles):
      tile = Self.cpuTile(rows: tall, columns: columns, slices: slices, small: smallTiles)
      if smallTiles {
        // SwiftShader unrolls no loop whose bound is a specialisation constant: 4 times slower.
        definitions = [
          "TILE_ROWS": "\(tile.rows)", "TILE_QUADS": "\(tile.quads)", "TILE_DEPTH": "\(tile.depth)",
        ]
      }
    case .gpu:
      file = "MatmulShared.comp"
      tile = Self.gpuTile(rows: tall, columns: columns, slices: slices)
    }
    rowTiles = (tall + tile.groupRows - 1) / tile.groupRows
    columnTiles = (columns + tile.groupColumns - 1) / tile.groupColumns
  }

  /// Of a few shapes the cheapest. A few, because each is a pipeline that takes 0.1 to 0.8 s to
  /// compile.
  ///
  /// On lavapipe a load costs about 8 multiply-adds: it is made lane by lane. So a tile of
  /// 16 × 16 (20 GFLOP/s) beats 8 × 16 (16) and 4 × 16 (10); 16 × 32 is not faster and
  /// compiles 3 times as long. A workgroup is one vector of 8 lanes, the unit that the driver hands
  /// to its threads. Lanes down the rows are up to 1.3 times as fast as lanes along the
  /// columns where there are enough rows, and 3 times for 10 columns.
  private static func cpuTile(rows: Int, columns: Int, slices: Int, small: Bool) -> Tile {
    let quads = max(1, (columns + 3) / 4)
    let mostQuads = small ? 2 : 4
    var best = Tile(invocations: 8, laneRows: 1, laneColumns: 8, rows: 1, quads: 1, depth: 4)
    var lowest = Int.max
    for tileRows: UInt32 in small ? [4, 1] : [16, 4, 1] {
      for laneRows: UInt32 in [8, 1] {
        let laneColumns = 8 / laneRows
        let tileQuads = min(mostQuads, (quads + Int(laneColumns) - 1) / Int(laneColumns))
        let tile = Tile(
          invocations: 8, laneRows: laneRows, laneColumns: laneColumns, rows: tileRows,
          quads: UInt32(tileQuads), depth: 4)
        let groups =
          ((rows + tile.groupRows - 1) / tile.groupRows)
          * ((quads * 4 + tile.groupColumns - 1) / tile.groupColumns) * slices
        let loads = Int(tileRows) + tileQuads * 4
        let products = Int(tileRows) * tileQuads * 4
        // Fewer than 4 workgroups leave threads idle.
        let cost = max(groups, 4) * (8 * loads + products)
        if cost < lowest { (best, lowest) = (tile, cost) }
      }
    }
    return best
  }

  /// The largest tile that still keeps a large card busy. Not yet tuned on one.
  private static func gpuTile(rows: Int, columns: Int, slices: Int) -> Tile {
    // Few rows: a narrow tile whose deep slab many lanes load at once, since k is one long chain.
    if rows <= 2 {
      return Tile(
        invocations: 64, laneRows: UInt32(max(rows, 1)), laneColumns: 8, rows: 1, quads: 1,
        depth: 64)
    }
    if rows <= 8 {
      return Tile(invocations: 64, laneRows: 8, laneColumns: 8, rows: 1, quads: 1, depth: 32)
    }
    let large = [  // 128 × 128, 64 × 64
      Tile(invocations: 256, laneRows: 16, laneColumns: 16, rows: 8, quads: 2, depth: 8),
      Tile(invocations: 256, laneRows: 16, laneColumns: 16, rows: 4, quads: 1, depth: 16),
    ]
    for tile in large {
      let groups =
        ((rows + tile.groupRows - 1) / tile.groupRows)
        * ((columns + tile.groupColumns - 1) / tile.groupColumns) * slices
      if groups >= 128 { return tile }
    }
    // 32 × 32
    return Tile(invocations: 64, laneRows: 8, laneColumns: 8, rows: 4, quads: 1, depth: 16)
  }
}
