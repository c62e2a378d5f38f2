import Swoop
import VulkanBackend

/// The sizes at which kernels take another way, as far as the plans of a device tell.
package struct Limits: Sendable {
  /// Rows, columns and depth of the tiles of matrix products.
  package var tiles: [[Int]]
  /// Lengths from which on more invocations share a reduction.
  package var lengths: [Int]
  /// Elements that one workgroup of an elementwise kernel takes at most.
  package var workgroupElements: Int

  /// Those of a device; the CPU back end has no tiles of its own, and gets a software driver's.
  package static func of(_ device: Device) -> Limits {
    let backend = device.backend as? VulkanBackend
    let sizes = KernelSizes(backend)
    return Limits(
      tiles: sizes.productTiles, lengths: sizes.reductionLengths,
      workgroupElements: sizes.workgroupElements)
  }

  /// All lengths worth a try: one less, the size itself, one more.
  var lengthsAround: [Int] {
    (lengths + [workgroupElements]).flatMap { [$0 - 1, $0, $0 + 1] }
  }
}
