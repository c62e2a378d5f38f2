import DigitsData
import NIOCore
import NIOPosix
import Swoop
import Testing

@testable import Server

@Suite("Server: over HTTP", .serialized, .timeLimit(.minutes(2)))
struct ServerTests {
  /// Runs a server on any free port while `body` runs; returns when it has stopped.
  private func serving<R: Sendable>(
    _ mode: Mode = .nothing, _ classifier: (any Classifier)? = nil,
    _ body: @Sendable (HTTPServer) async throws -> R
  ) async throws -> R {
    let device = try Device.default()
    let classifier =
      try classifier ?? mode.classifier(Network(DigitsWeights.load(), on: device), threads: 2)
    let handler = Handler(mode, device, classifier)
    let server = try await HTTPServer.listening(host: "127.0.0.1", port: 0, handler)
    let result: R
    do {
      async let running: Void = server.run()
      defer { server.stop() }
      result = try await body(server)
      server.stop()
      try await running
    }
    await classifier.shutdown()
    return result
  }

  private static let blank = [String](repeating: "0", count: 64).joined(separator: ",")

  @Test("Every mode recognises digits", arguments: [Mode.perOp, .pool, .coalesced])
  func digits(_ mode: Mode) async throws {
    let digits = try Digits.load().test
    try await serving(mode) { server in
      try await HTTPClient.connected(to: "127.0.0.1", port: server.port) { client in
        var correct = 0
        for index in 0..<50 {
          let answer = try await client.send(
            .POST, "/classify", PixelText.text(digits.image(index)))
          #expect(answer.status == 200)
          let value = try #require(Classification(answer.body))
          #expect(abs(value.probabilities.reduce(0, +) - 1) < 1e-5)
          if value.digit == digits.labels[index] { correct += 1 }
        }
        #expect(correct >= 45)
        let statistics = try await client.send(.GET, "/statistics")
        #expect(statistics.body.contains("\"mode\": \"\(mode.rawValue)\""))
        #expect(statistics.body.contains("\"classified\": 50,"))
      }
    }
  }

  @Test("Bad requests are answered with one line, and the connection goes on")
  func badRequests() async throws {
    try await serving { server in
      try await HTTPClient.connected(to: "127.0.0.1", port: server.port) { client in
        let long = String(repeating: "0,", count: 2_000)
        var answers: [HTTPClient.Answer] = []
        answers.append(try await client.send(.POST, "/classify", "1,2,3"))
        answers.append(try await client.send(.POST, "/classify"))
        answers.append(try await client.send(.POST, "/classify", long))
        answers.append(try await client.send(.GET, "/classify"))
        answers.append(try await client.send(.POST, "/health"))
        answers.append(try await client.send(.DELETE, "/statistics"))
        answers.append(try await client.send(.GET, "/"))
        answers.append(try await client.send(.GET, "/Health/"))
        #expect(answers.map(\.status) == [400, 400, 413, 405, 405, 405, 404, 404])
        for answer in answers {
          #expect(answer.body.count > 10 && answer.body.firstIndex(of: "\n") != nil)
          #expect(answer.body.split(separator: "\n").count == 1)
        }
        #expect(try await client.send(.GET, "/health?x=1").body == "ok\n")
        #expect(try await client.send(.POST, "/classify", Self.blank).status == 200)
      }
    }
  }

  /// Sends bytes and returns all that comes until the server closes or, with `sendOnly`, nothing.
  private func raw(_ text: String, _ port: Int, sendOnly: Bool = false) async throws -> String {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connect(host: "127.0.0.1", port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      try await outbound.write(ByteBuffer(string: text))
      var answer = ""
      guard !sendOnly else { return answer }
      for try await portion in inbound { answer += String(buffer: portion) }
      return answer
    }
  }

  @Test("What is no HTTP, is cut off, is far too long or pipelined harms nobody")
  func rawBytes() async throws {
    try await serving { server in
      let port = server.port
      #expect(try await raw("rubbish\r\n\r\n", port).hasPrefix("HTTP/1.1 400"))
      _ = try await raw(
        "POST /classify HTTP/1.1\r\ncontent-length: 99\r\n\r\n1,2", port, sendOnly: true)
      _ = try await raw("", port, sendOnly: true)
      let huge = try await raw(
        "POST /classify HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999\r\n\r\n0,0", port)
      #expect(huge.hasPrefix("HTTP/1.1 413") && huge.contains("connection: close"))
      let chunk = "1000\r\n\(String(repeating: "0", count: 4_096))\r\n"
      let endless = try await raw(
        "POST /classify HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
          + String(repeating: chunk, count: 17), port)
      #expect(endless.hasPrefix("HTTP/1.1 413"))
      let old = try await raw("GET /health HTTP/1.0\r\n\r\n", port)
      #expect(old.hasPrefix("HTTP/1.0 200") && old.hasSuffix("ok\n"))
      let head = try await raw(
        "HEAD /classify HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", port)
      #expect(head.hasPrefix("HTTP/1.1 405") && head.hasSuffix("\r\n\r\n"))
      let two = try await raw(
        "GET /health HTTP/1.1\r\nhost: x\r\n\r\n"
          + "GET /none HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", port)
      #expect(two.hasPrefix("HTTP/1.1 200") && two.contains("HTTP/1.1 404"))
      try await HTTPClient.connected(to: "127.0.0.1", port: port) { client in
        let answer = try await client.send(.GET, "/health")
        #expect(answer.status == 200)
      }
    }
  }

  /// Answers when it is told to.
  private struct Gate: Classifier {
    let entered = AsyncStream.makeStream(of: Void.self)
    let opened = AsyncStream.makeStream(of: Never.self)

    func classify(_ pixels: [Float]) async throws -> [Float] {
      entered.continuation.yield()
      for await _ in opened.stream {}
      return [Float](repeating: 0.1, count: 10)
    }
  }

  @Test("Stopping answers what has come, and closes who waits for nothing")
  func draining() async throws {
    let gate = Gate()
    try await serving(.nothing, gate) { server in
      let port = server.port
      async let busy = raw(
        "POST /classify HTTP/1.1\r\nhost: x\r\ncontent-length: \(Self.blank.utf8.count)\r\n\r\n"
          + Self.blank, port)
      try await HTTPClient.connected(to: "127.0.0.1", port: port) { idle in
        let before = try await idle.send(.GET, "/health")
        #expect(before.status == 200)
        for await _ in gate.entered.stream { break }
        server.stop()
        // While the other still waits for its answer.
        var isClosed = false
        do { _ = try await idle.send(.GET, "/health") } catch { isClosed = true }
        #expect(isClosed)
      }
      gate.opened.continuation.finish()
      let answer = try await busy
      #expect(answer.hasPrefix("HTTP/1.1 200") && answer.contains("connection: close"))
      await #expect(throws: (any Error).self) { _ = try await raw("", port) }
    }
  }

  private struct Failing: Classifier {
    let error: any Error
    func classify(_ pixels: [Float]) async throws -> [Float] { throw error }
  }

  @Test("A classifier's failure is an answer")
  func failures() async throws {
    struct Broken: Error {}
    let network = try Network(DigitsWeights.load(), on: try Device.default())
    let shutDown = CoalescedClassifier(network)
    await shutDown.shutdown()
    for (classifier, status) in [
      (Failing(error: Broken()), 500), (shutDown, 503),
    ] as [(any Classifier, Int)] {
      try await serving(.nothing, classifier) { server in
        try await HTTPClient.connected(to: "127.0.0.1", port: server.port) { client in
          let answers = [
            try await client.send(.POST, "/classify", Self.blank),
            try await client.send(.GET, "/health"),
          ]
          #expect(answers.map(\.status) == [status, 200])
        }
      }
    }
  }
}
