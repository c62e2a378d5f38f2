/// How many calls make a batch, as far as that is learned from how calls come and go.
///
/// It is told what happens and when, and looks at no clock. `enough` follows from how many calls
/// are likely to come together, which is known when somebody waits, and guessed upwards from there;
/// and from whether halves of them, of which one fills while the other runs, or all of them at a
/// time went faster when both were tried.
struct BatchSizing {
  /// The most calls that a batch can have, or that it is worth waiting for.
  let limit: Int
  /// How many calls are likely to come together: as many as are known to, or more.
  private(set) var expected = 1
  /// With how many calls a batch leaves that nobody waits for.
  private(set) var enough = 1
  /// How many there were when somebody had to wait for one of them, or at least since.
  private var known = 1
  /// How many there were the last time, unless a batch has left since that nobody waited for.
  private var latest: Int?
  /// Batches that are still to leave before more calls are looked for than came together, and how
  /// many were to at first.
  private var (calm, calmFor) = (0, 0)
  /// How many callers in turn had their answers before anybody else came.
  private var aloneFor = 0
  /// When the latest batch had been submitted, and how long that took its leader.
  private var submitted: ContinuousClock.Instant
  private var submitting = Duration.zero
  /// By `place`.
  private var choices: [Choice]
  private var comparison: Comparison?

  init(limit: Int, at now: ContinuousClock.Instant = .now) {
    self.limit = min(limit, 1 << 20)
    submitted = now
    choices = Array(repeating: Choice(), count: BatchSizing.place(2 * self.limit) + 1)
  }

  /// Whether calls come one by one.
  var isLikelyAlone: Bool { expected <= 1 }

  /// Whether they have for a while: nobody else wants the thread.
  var isSurelyAlone: Bool { aloneFor >= 1024 }

  /// Whether a batch of so many may leave, though nobody waits for it.
  /// - Parameter others: how many calls are in flight: a small batch behind a large one would only leave
  ///   without those that are about to come.
  func isEnough(_ count: Int, behind others: Int) -> Bool { count >= max(enough, others) }

  /// A caller has its answer.
  /// - Parameter alone: whether its call was the only one, and nobody has come since.
  mutating func isAnswered(alone: Bool) {
    aloneFor = alone ? aloneFor + 1 : 0
    if aloneFor >= 2, expected > 1 {
      latest = 1
      calls(1)
    }
  }

  /// Somebody looks on behalf of others.
  mutating func isDriven() { aloneFor = 0 }

  /// A batch leaves that somebody waits for: it is all that were likely to come.
  mutating func leaves(_ count: Int, at now: ContinuousClock.Instant) {
    calls(count)
    compare(count, at: now)
  }

  /// So many calls are all there are. Fewer than before have to be so twice in turn: the last ones of
  /// many are few, and more may follow.
  private mutating func calls(_ count: Int) {
    let number = max(count, latest ?? known)
    // Asking for more makes callers wait again, so it is done seldom: the more seldom the more there
    // are, since small batches last short if many calls come after all.
    if number != known {
      calmFor = min(16, number)
    } else if number == count {
      calmFor = min(max(calmFor * 2, min(16, number)), max(64, 4 * number))
    }
    (known, latest, calm) = (number, count, calmFor)
    expect(number)
  }

  /// A batch leaves because enough have come.
  /// - Parameters:
  ///   - first: when its first call came.
  ///   - others: how many calls are in flight.
  mutating func leavesUnasked(
    _ count: Int, since first: ContinuousClock.Instant, at now: ContinuousClock.Instant,
    behind others: Int
  ) {
    known = max(known, min(count + others, 2 * limit))
    var more = max(expected, known)
    // More of them would be fewer submissions, up to as many as there are: which is known as soon as
    // somebody waits. One at a time may be all there are, unless they come faster than they leave.
    if comparison == nil, count > 1 || first - submitted < submitting / 2 {
      if calm > 0 { calm -= 1 } else { more = max(more, min(2 * more, limit)) }
    }
    latest = nil
    expect(more)
    compare(count, at: now)
  }

  mutating func isSubmitted(at now: ContinuousClock.Instant, in time: Duration) {
    (submitted, submitting) = (now, time)
  }

  private mutating func expect(_ count: Int) {
    if let comparison, BatchSizing.place(count) != comparison.place { endComparison() }
    expected = count
    settle()
  }

  private mutating func settle() {
    let place = BatchSizing.place(expected)
    let isWhole = choices[place].isWhole != (comparison.map { $0.times.count == 1 } ?? false)
    enough = min(isWhole ? expected : max(1, expected / 2), limit)
  }

  // MARK: Halves, or all of them

  /// What has turned out faster for so many calls.
  private struct Choice {
    var isWhole = false
    /// Batches until the next comparison, and how many after that if nothing changes.
    var (pause, pauseFor) = (16, 64)
  }

  /// As it is, the other way, and as it is: only what is faster than both did not just fall into
  /// a better time.
  private struct Comparison {
    let place: Int
    /// Nanoseconds per call, in each part.
    var times: [Double] = []
    /// The same of all calls that are expected together, in turn, in this part.
    var samples: [Double] = []
    /// Calls that have left since the latest sample.
    var calls = 0
    var start: ContinuousClock.Instant

    /// - Returns: whether the part has ended.
    mutating func add(_ count: Int, of expected: Int, at now: ContinuousClock.Instant) -> Bool {
      calls += count
      if calls >= expected {
        samples.append((now - start) / .nanoseconds(1) / Double(calls))
        (calls, start) = (0, now)
      }
      if samples.count < 9 { return false }
      // The median: the first come from before the change, and whoever else wants the processor takes
      // it for longer than a batch does.
      times.append(samples.sorted()[samples.count / 2])
      samples = []
      return true
    }
  }

  /// Numbers that are about as large: from two thirds of a power of two to four thirds, so that one
  /// more or less than a power of two, as many windows are, is in the same place.
  private static func place(_ count: Int) -> Int {
    Int.bitWidth - 1 - (count + count / 2 | 1).leadingZeroBitCount
  }

  private mutating func endComparison() {
    guard let place = comparison?.place else { return }
    choices[place].pause = choices[place].pauseFor
    comparison = nil
  }

  private mutating func compare(_ count: Int, at now: ContinuousClock.Instant) {
    guard comparison != nil else {
      // Only with a number of calls that is known, or that none is looked for beyond.
      guard expected > 1, expected == known || expected >= limit else { return }
      let place = BatchSizing.place(expected)
      choices[place].pause -= 1
      if choices[place].pause <= 0 { comparison = Comparison(place: place, start: now) }
      return
    }
    guard comparison?.add(count, of: expected, at: now) == true, let comparison else { return }
    if comparison.times.count == 3 {
      let place = comparison.place
      if comparison.times[1] < 0.95 * min(comparison.times[0], comparison.times[2]) {
        choices[place].isWhole.toggle()
      } else {
        choices[place].pauseFor = min(2 * choices[place].pauseFor, 1024)
      }
      endComparison()
    }
    settle()
  }
}
