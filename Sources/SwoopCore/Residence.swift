/// Where the results of a launch lie, and what computes them: shared by their nodes.
package final class Residence: Sendable {
  package let storage: any Storage
  /// Nil if they are there.
  package let submission: (any Submission)?

  package init(_ storage: any Storage, by submission: (any Submission)? = nil) {
    self.storage = storage
    self.submission = submission
  }
}
