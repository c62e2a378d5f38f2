import ArgumentParser
import DigitsData
import Dispatch
import Glibc
import NIOCore
import Swoop

/// How requests come to be computed.
enum Mode: String, CaseIterable, ExpressibleByArgument, Sendable {
  case perOp = "per-op"
  case pool
  case coalesced
  case nothing

  func classifier(_ network: Network, threads: Int) -> any Classifier {
    switch self {
    case .perOp: PerOpClassifier(network: network)
    case .pool: PoolClassifier(network, threads: threads)
    case .coalesced: CoalescedClassifier(network)
    case .nothing: NothingClassifier()
    }
  }
}

struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serves until SIGINT or SIGTERM, then answers what it has accepted and ends.")

  @Option(
    help: ArgumentHelp(
      "How requests are computed.",
      discussion: """
        per-op: every operation of a request is its own submission. pool: likewise, on a fixed \
        number of threads. coalesced: requests that come together share dispatches. nothing: not \
        at all, which shows what HTTP costs.
        """))
  var mode = Mode.coalesced

  @Option(help: "The port; 0 for any that is free.")
  var port = 8080

  @Option(help: "The address to listen at.")
  var host = "127.0.0.1"

  @Option(help: "Threads of the pool. (default: one a core)")
  var threads: Int?

  @Option(
    help:
      "A device by name, part of a name or index. (default: SWOOP_DEVICE, else the best Vulkan device)"
  )
  var device: String?

  func validate() throws {
    guard (0...65_535).contains(port) else {
      throw ValidationError("--port was given \(port); it takes 0 to 65535")
    }
    guard (1...1_024).contains(threads ?? 1) else {
      throw ValidationError("--threads was given \(threads ?? 1); it takes 1 to 1,024")
    }
  }

  func run() async throws {
    let device = try self.device.map(Device.named) ?? Device.default()
    let network = try Network(DigitsWeights.load(), on: device)
    let classifier = mode.classifier(network, threads: threads ?? System.coreCount)
    // Compiles the kernels before anybody waits for them.
    _ = try await classifier.classify([Float](repeating: 0, count: Digits.pixelCount))
    let handler = Handler(mode, device, classifier)
    let server: HTTPServer
    do {
      server = try await .listening(host: host, port: port, handler)
    } catch {
      throw ServerError(description: "cannot listen at \(host):\(port): \(error)")
    }
    let (signals, sources) = Serve.stopSignals()
    defer { for source in sources { source.cancel() } }
    say("\(mode.rawValue) on \(device), listening at http://\(host):\(server.port)")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for await _ in signals { break }
        server.stop()
      }
      try await server.run()
      group.cancelAll()
    }
    await classifier.shutdown()
    say("stopped after \(handler.count) images")
  }

  /// At once, also into a file, where a script waits for it.
  private func say(_ line: String) {
    print(line)
    fflush(nil)
  }

  /// SIGINT and SIGTERM; the second one ends the process as it would have without.
  private static func stopSignals() -> (AsyncStream<Void>, [any DispatchSourceSignal]) {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    let sources = [SIGINT, SIGTERM].map { number in
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
      source.setEventHandler {
        signal(number, SIG_DFL)
        continuation.yield()
      }
      source.resume()
      return source
    }
    return (stream, sources)
  }
}
