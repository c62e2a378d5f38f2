import Swoop
import SwoopCore

/// Runs sequences of batch sizes hand-stacked: what a caller could do who had all samples from
/// the start and knew the sizes.
///
/// The samples are stacked and on the device before the clock starts, and the results of a batch
/// stay one tensor: work that a coalescer has to do and this loop has not.
final class Replay: Sendable {
  private let model: Model
  private let stacks = Lock<[Int: [Tensor]]>([:])

  init(_ model: Model) { self.model = model }

  /// Stacks different samples, for each size that occurs.
  @available(*, noasync)
  func prepare(_ sizes: [Int]) throws {
    let missing = stacks.withLock { stacks in Set(sizes).filter { stacks[$0] == nil } }
    for size in missing {
      let stack = try model.stack(Replay.first(size), size)
      for operand in stack { try operand.blockingWait() }
      stacks.withLock { $0[size] = stack }
    }
  }

  /// The first sample of the stack of a size.
  private static func first(_ size: Int) -> Int { size * 5 }

  /// Runs the batches in order, all layers of one in a submission, waiting for the oldest as soon
  /// as there are two in flight; leaves the last results in the cell.
  @available(*, noasync)
  func run(_ sizes: [Int], _ cell: ResultBoard.Cell) throws {
    let stacks = stacks.withLock { $0 }
    var inFlight: [Tensor] = []
    for size in sizes {
      guard let stack = stacks[size] else { continue }
      if inFlight.count == 2 { try inFlight.removeFirst().blockingWait() }
      let result = try model.device.blockingRecorded { try model(stack) }
      inFlight.append(result)
      cell.first = Replay.first(size)
      cell.tensors = [result]
    }
    for result in inFlight { try result.blockingWait() }
  }
}
