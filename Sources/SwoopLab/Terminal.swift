import FoundationEssentials
// For `stdout`, a variable.
@preconcurrency import Glibc

/// What the thing behind a file descriptor can show.
public enum Terminal {
  /// Whether a descriptor is a terminal.
  public static func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

  /// Whether to write colours to a descriptor: a terminal that knows them, and the user has not
  /// set `NO_COLOR`.
  public static func showsColours(_ descriptor: Int32) -> Bool {
    isTerminal(descriptor) && allowsColours(ProcessInfo.processInfo.environment)
  }

  static func allowsColours(_ environment: [String: String]) -> Bool {
    environment["NO_COLOR", default: ""].isEmpty && environment["TERM"] != "dumb"
  }

  /// The number of columns of a terminal; 80 where that is unknown.
  static func width(_ descriptor: Int32) -> Int {
    var size = winsize()
    let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    return isKnown ? Int(size.ws_col) : 80
  }

  /// Ends the program with exit code 1 and the message on one line of standard error.
  ///
  /// - Parameter isUsage: whether the program was called wrongly: then a second line says where
  ///   help is, and the exit code is 64 (`EX_USAGE`).
  public static func fail(_ program: String, _ message: String, isUsage: Bool = false) -> Never {
    complain(program, message)
    if isUsage { write("Try '\(program) --help'.\n", to: STDERR_FILENO) }
    exit(isUsage ? 64 : EXIT_FAILURE)
  }

  /// Writes the message on one line of standard error.
  public static func complain(_ program: String, _ message: String) {
    let lines = message.split(whereSeparator: \.isNewline)
    write("\(program): \(lines.joined(separator: " "))\n", to: STDERR_FILENO)
  }

  /// Opens what was closed of the three standard descriptors, so that no file of the program's
  /// becomes one of them; writing there fails as it should.
  public static func openStandardDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO
    where fcntl(descriptor, F_GETFD) == -1 && errno == EBADF {
      // The lowest that is free: this one.
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Why what has been printed did not all arrive on the standard output; nil if it has. To be
  /// asked once, at the end of a program: `print` keeps quiet about it.
  public static func printingFailure() -> FileWriteFailure? {
    let isFlushed = fflush(stdout) == 0
    let code = errno
    guard !isFlushed || ferror(stdout) != 0 else { return nil }
    return FileWriteFailure(path: "the standard output", code: isFlushed ? EIO : code)
  }

  static func write(_ text: String, to descriptor: Int32) {
    // What is shown on the way is not worth an error.
    Array(text.utf8).withUnsafeBytes { try? AtomicFile.writeAll($0, to: descriptor, path: "") }
  }
}

/// Text with or without colours.
package struct Style: Sendable {
  let hasColours: Bool

  package init(hasColours: Bool) { self.hasColours = hasColours }

  package enum Look: String {
    case bold = "1"
    case red = "31"
    case green = "32"
    case yellow = "33"
  }

  package func callAsFunction(_ look: Look, _ text: String) -> String {
    hasColours ? "\u{1B}[\(look.rawValue)m\(text)\u{1B}[0m" : text
  }
}

/// A line that shows how far something has come: redrawn in place on a terminal; elsewhere a plain
/// line now and then.
public final class ProgressLine: Sendable {
  private let descriptor: Int32
  private let isTerminal: Bool
  private let interval: Duration
  private let state = Monitor<(last: ContinuousClock.Instant?, isDrawn: Bool)>((nil, false))

  /// A progress line.
  ///
  /// - Parameters:
  ///   - descriptor: where to write: the standard error by default.
  ///   - plainInterval: the shortest time between two lines where there is no terminal.
  public convenience init(
    descriptor: Int32 = STDERR_FILENO, plainInterval: Duration = .seconds(15)
  ) {
    let isTerminal = Terminal.isTerminal(descriptor)
    self.init(
      descriptor: descriptor, isTerminal: isTerminal,
      interval: isTerminal ? .milliseconds(100) : plainInterval)
  }

  init(descriptor: Int32, isTerminal: Bool, interval: Duration) {
    self.descriptor = descriptor
    self.isTerminal = isTerminal
    self.interval = interval
  }

  /// Shows one line of text, unless one has been shown just now.
  public func update(_ text: @autoclosure () -> String) {
    let isDue = state.locked { state in
      let now = ContinuousClock().now
      if let last = state.last, now - last < interval { return false }
      state = (now, true)
      return true
    }
    guard isDue else { return }
    let line = text().prefix { !$0.isNewline }
    // A line that fills the last column would wrap and could not be drawn over.
    let shown = isTerminal ? line.prefix(max(10, Terminal.width(descriptor) - 1)) : line
    Terminal.write(isTerminal ? "\r\u{1B}[K\(shown)" : "\(shown)\n", to: descriptor)
  }

  /// Takes the line off a terminal again. To be called before anything else is printed.
  public func clear() {
    let wasDrawn = state.locked { state in
      defer { state = (nil, false) }
      return state.isDrawn
    }
    if isTerminal, wasDrawn { Terminal.write("\r\u{1B}[K", to: descriptor) }
  }
}

extension ProgressLine {
  /// Shows how far a run of trials has come.
  public func update(_ heading: String, _ progress: Interleaved.Progress) {
    let phase =
      switch progress.phase {
      case .calibrating: "calibrating"
      case .warmingUp: "warming up"
      case .measuring(let round, let rounds): "round \(round) of \(rounds)"
      }
    let share = progress.total > 0 ? progress.completed * 100 / progress.total : 0
    update("\(heading): \(phase), \(progress.trial) (\(share) %)")
  }
}
