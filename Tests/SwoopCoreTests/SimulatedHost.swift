@testable import SwoopCore

/// Nanoseconds: what a call, a result and a submission cost the host, and a batch the device.
struct SimulatedCosts: Sendable, CustomStringConvertible {
  var call = 700
  var result = 300
  var submission: Int
  var fixed: Int
  var perCall: Int
  var description: String { "\(submission) ns + \(fixed) ns + \(perCall) ns a call" }
}

/// A caller who keeps `window` calls under way and waits for the oldest, as the queue sees it.
struct SimulatedHost {
  let costs: SimulatedCosts
  let window: Int
  /// Always this many, instead of what is learned.
  var always: Int?
  /// Whether everything takes up to a quarter more or less, now and then the host is away for a
  /// millisecond, and the caller sometimes waits one call earlier.
  var isNoisy = false
  private var random = SplitMix(seed: 1)
  var sizing = BatchSizing(limit: 256, at: .now)
  private let start = ContinuousClock.now
  private(set) var now = 0
  private var (queued, firstCame) = (0, 0)
  private var inFlight: [(count: Int, end: Int)] = []
  private var deviceIsFree = 0
  /// Finished, and not read.
  private var unread = 0
  private(set) var sizes: [Int] = []

  init(_ costs: SimulatedCosts, window: Int, always: Int? = nil, isNoisy: Bool = false) {
    (self.costs, self.window, self.always, self.isNoisy) = (costs, window, always, isNoisy)
  }

  private func instant(_ time: Int) -> ContinuousClock.Instant { start + .nanoseconds(time) }

  /// What something took that takes so long on average.
  private mutating func taken(_ time: Int) -> Int {
    if !isNoisy { return time }
    return Int(Double(time) * Double.random(in: 0.75...1.25, using: &random))
  }

  private mutating func hostWorks(_ time: Int) {
    now += taken(time)
    if isNoisy, Double.random(in: 0..<1, using: &random) < Double(time) / 50e6 {
      now += 1_000_000
    }
  }

  private mutating func notice() {
    while let first = inFlight.first, first.end <= now {
      unread += first.count
      inFlight.removeFirst()
    }
  }

  private mutating func lead(isAwaited: Bool) {
    let running = inFlight.first?.count ?? 0
    if isAwaited {
      sizing.leaves(queued, at: instant(now))
    } else {
      sizing.leavesUnasked(queued, since: instant(firstCame), at: instant(now), behind: running)
    }
    let before = now
    hostWorks(costs.submission)
    sizing.isSubmitted(at: instant(now), in: .nanoseconds(now - before))
    deviceIsFree = max(deviceIsFree, now) + taken(costs.fixed + costs.perCall * queued)
    inFlight.append((queued, deviceIsFree))
    sizes.append(queued)
    queued = 0
  }

  private mutating func lookIfMany() {
    notice()
    let running = inFlight.first?.count ?? 0
    guard queued > 0, inFlight.count < 2 else { return }
    let isEnough =
      always.map { queued >= max($0, running) } ?? sizing.isEnough(queued, behind: running)
    if isEnough { lead(isAwaited: false) }
  }

  /// Reads the oldest result.
  private mutating func read() {
    if unread == 0 {
      if inFlight.isEmpty { lead(isAwaited: true) }
      now = max(now, inFlight[0].end)
      sizing.isAnswered(alone: queued == 0 && inFlight.count == 1 && inFlight[0].count == 1)
      lookIfMany()
      notice()
    }
    unread -= 1
    hostWorks(costs.result)
  }

  /// Makes so many calls, and reads all results.
  mutating func make(_ calls: Int) {
    var underWay = 0
    for _ in 0..<calls {
      // Who is noisy has one call less under way now and then.
      let most = isNoisy && window > 2 && Bool.random(using: &random) ? window - 1 : window
      while underWay >= most {
        read()
        underWay -= 1
      }
      hostWorks(costs.call)
      if queued == 0 { firstCame = now }
      queued += 1
      underWay += 1
      lookIfMany()
    }
    for _ in 0..<underWay { read() }
  }

  /// Nanoseconds per call, of so many, a few windows at a time or all of them.
  mutating func time(_ calls: Int, inPartsOf part: Int) -> Double {
    let before = now
    for _ in 0..<calls / part { make(part) }
    return Double(now - before) / Double(calls / part * part)
  }
}
