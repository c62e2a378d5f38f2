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
}
