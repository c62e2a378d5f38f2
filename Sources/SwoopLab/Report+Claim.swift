extension Report {
  /// A claim of the original study, judged by one workload's figures.
  public struct Claim: Sendable, Equatable, Codable {
    /// What the figures say of a claim.
    public enum Verdict: String, Sendable, Codable, CaseIterable {
      /// The whole interval lies on the claim's side of the threshold.
      case supported
      /// The whole interval lies on the other side.
      case refuted
      /// The interval contains the threshold or comes from too few rounds, or something was not
      /// measured.
      case ambiguous
    }

    /// The claim in the words of the study.
    public var claim: String

    /// The verdict.
    public var verdict: Verdict

    /// The numbers that decide, in one line.
    public var evidence: String
  }
}

extension Report.Claim {
  /// Where a claim turns from wrong to right. All of it here, with reasons.
  public enum Thresholds {
    /// A new thread per operation is expensive if it leaves less than this share of the plain
    /// loop's rate. A fifth is what one would change a program for, and more than a machine
    /// wavers from day to day; the study found 92 % lost.
    public static let expensive = 0.8

    /// A pool costs nothing if it leaves more than this share. The study calls 5.3 % (5,300
    /// instead of 5,598) nothing; twice that is the most that can be meant.
    public static let nothing = 0.9

    /// Threads scale linearly if n of them reach more than this share of n times the rate of one.
    /// Below, a fifth of the machine is spent on something else: the same fifth as above.
    public static let linear = 0.8

    /// Threads have reached a plateau where more of them, however many, bring less than this
    /// factor. The study's own plateau rises by 8 % (from 2 to 16 threads).
    public static let plateau = 1.1

    /// Batching beats threading if its rate is above this multiple. Any gain counts, its size is
    /// told by the gain; luck in choosing the best figure favours threading, which has more.
    public static let beats = 1.0
  }
}
