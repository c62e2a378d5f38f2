/// What a batch of B calls costs, T(B) = a + b·B, fitted while it runs, and how fast calls come.
///
/// Least squares with exponential forgetting: each batch counts 15/16 of the one after it.
struct BatchCost {
  private var weight = 0.0
  private var sizes = 0.0
  private var times = 0.0
  private var squares = 0.0
  private var products = 0.0
  private var running: [(size: Int, start: ContinuousClock.Instant)] = []
  private var lastEnd: ContinuousClock.Instant?
  /// Seconds from one call to the next, lately.
  private var interval = 0.0
  private var lastSubmission: ContinuousClock.Instant?

  mutating func submitted(_ size: Int, at now: ContinuousClock.Instant = .now) {
    running.append((size, now))
    if let last = lastSubmission, size > 0 {
      let latest = (now - last) / .seconds(1) / Double(size)
      interval = interval == 0 ? latest : interval + (latest - interval) / 8
    }
    lastSubmission = now
  }

  mutating func finished(at now: ContinuousClock.Instant = .now) {
    guard !running.isEmpty else { return }
    let batch = running.removeFirst()
    // It ran from when the one before it was done.
    let start = max(batch.start, lastEnd ?? batch.start)
    lastEnd = now
    let (size, time) = (Double(batch.size), (now - start) / .seconds(1))
    let keep = 15.0 / 16
    weight = weight * keep + 1
    sizes = sizes * keep + size
    times = times * keep + time
    squares = squares * keep + size * size
    products = products * keep + size * time
  }

  /// Seconds that a batch costs whatever its size (a), and for each call (b); nil before the sizes
  /// have differed.
  var fit: (fixed: Double, perCall: Double)? {
    let determinant = weight * squares - sizes * sizes
    guard weight > 2, determinant > 1e-9 * weight * squares else { return nil }
    let slope = max(0, (weight * products - sizes * times) / determinant)
    return (max(0, (times - slope * sizes) / weight), slope)
  }

  /// How long a batch of this size may wait for company: as long as its calls together lose less
  /// than the fixed cost that each newcomer saves.
  func worthwhileDelay(_ count: Int, upTo limit: Duration) -> Duration {
    guard let fit, interval > 0, Double(count) * interval < fit.fixed else { return .zero }
    return min(limit, .nanoseconds(Int(fit.fixed * 1e9)))
  }
}
