import SwoopCore
import VulkanCompute

/// The sizes at which kernels take another way, read from the plans: what a check tries the
/// neighbours of.
package struct KernelSizes: Sendable {
  private let target: KernelTarget

  /// Of a device's kernels; without one, those that a software driver would get.
  package init(_ backend: VulkanBackend?) {
    target =
      backend?.plans.target
      ?? KernelTarget(
        isSoftware: true, compilesSlowly: false, hasFloat64: true)
  }

  /// Rows, columns and depth of every tile that products of some size are given.
  package var productTiles: [[Int]] {
    let kind: MatmulPlan.Target =
      target.isSoftware
      ? .cpuDriver(smallTiles: target.compilesSlowly) : .gpu
    var tiles: [[Int]] = []
    for rows in [1, 4, 16, 64, 256, 2048] {
      for columns in [1, 16, 64, 256, 2048] {
        let tile = MatmulPlan(
          rows: rows, columns: columns, depth: 64, entries: 1, sharedRight: true,
          vectorLeft: true, vectorRight: true, target: kind
        ).tile
        let sizes = [tile.groupRows, tile.groupColumns, Int(tile.depth)]
        if !tiles.contains(sizes) { tiles.append(sizes) }
      }
    }
    return tiles
  }

  /// The powers of two from which on a reduction is shared by more invocations.
  package var reductionLengths: [Int] {
    (1...20).map { 1 << $0 }.filter {
      laneCount(length: $0 - 1, target) != laneCount(length: $0, target)
    }
  }

  /// Workgroups of 64 invocations take 8 quads each at most.
  package var workgroupElements: Int { 64 * 8 * 4 }
}
