import Synchronization

/// Where the results of a launch lie, and what computes them: shared by their nodes.
package final class Residence: @unchecked Sendable {
  package let storage: any Storage
  /// Nil if they are there.
  package let submission: (any Submission)?
  // The same without counting references.
  package let lentStorage: Unmanaged<AnyObject>
  package let lentSubmission: Unmanaged<AnyObject>?

  package init(_ storage: any Storage, by submission: (any Submission)? = nil) {
    self.storage = storage
    self.submission = submission
    lentStorage = .passUnretained(storage)
    lentSubmission = submission.map { .passUnretained($0) }
  }

  /// How many nodes lie here, which have one reference among them: a leader takes note of hundreds at
  /// once, each of which a count of its own would make it wait for.
  private let nodes = Atomic<Int>(0)

  /// So many nodes more lie here.
  package func hold(_ count: Int) {
    guard count > 0 else { return }
    if nodes.wrappingAdd(count, ordering: .relaxed).oldValue == 0 {
      _ = Unmanaged.passRetained(self)
    }
  }

  /// So many nodes less do.
  func letGo(_ count: Int) {
    guard count > 0 else { return }
    let left = nodes.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue
    if left == 0 { Unmanaged.passUnretained(self).release() }
  }

  /// One node less does.
  @usableFromInline
  static func letGo(_ home: Unmanaged<Residence>) {
    let left = home._withUnsafeGuaranteedRef {
      $0.nodes.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue
    }
    if left == 0 { home.release() }
  }
}
