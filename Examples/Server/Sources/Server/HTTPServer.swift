import NIOCore
import NIOHTTP1
import NIOPosix

/// Listens, and runs one task a connection, which takes its requests one after the other.
struct HTTPServer: Sendable {
  private typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

  private let listener: NIOAsyncChannel<Connection, Never>
  private let handler: Handler
  private let connections = Connections()

  /// A body that is too long is still read up to here, since one closed in the middle of it might
  /// never show its sender the answer.
  private static let patience = 1 << 16

  /// - Parameter port: 0 for any that is free.
  static func listening(host: String, port: Int, _ handler: Handler) async throws -> HTTPServer {
    let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .serverChannelOption(.backlog, value: 1_024)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .bind(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.configureHTTPServerPipeline()
          return try Connection(wrappingChannelSynchronously: channel)
        }
      }
    return HTTPServer(listener: listener, handler: handler)
  }

  private init(listener: NIOAsyncChannel<Connection, Never>, handler: Handler) {
    self.listener = listener
    self.handler = handler
  }

  /// Where it listens.
  var port: Int { listener.channel.localAddress?.port ?? 0 }

  /// Serves until `stop()`; returns when every accepted request has been answered, and closes
  /// what is open after five seconds more.
  func run() async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      let (stopped, stopping) = AsyncStream.makeStream(of: Never.self)
      group.addTask {
        for await _ in stopped {}
        try? await Task.sleep(for: .seconds(5))
        connections.closeAll()
      }
      defer { stopping.finish() }
      try await withThrowingDiscardingTaskGroup { served in
        try await listener.executeThenClose { inbound in
          for try await connection in inbound { served.addTask { await serve(connection) } }
        }
        stopping.finish()
      }
      group.cancelAll()
    }
  }

  /// Accepts nothing more and lets `run()` end. From any thread.
  func stop() {
    listener.channel.close(promise: nil)
    connections.stop()
  }

  private func serve(_ connection: Connection) async {
    let channel = connection.channel
    // What a connection throws is its client's going away or its bad HTTP, which NIO has answered.
    try? await connection.executeThenClose { inbound, outbound in
      guard connections.add(channel) else { return }
      defer { connections.remove(channel) }
      var parts = inbound.makeAsyncIterator()
      while let request = try await Request(&parts) {
        guard connections.begin(channel) else { return }
        let response =
          if let body = request.body {
            await handler.respond(to: request.head.method, request.head.uri, body.readableBytesView)
          } else {
            Handler.tooLong
          }
        let isLast = !request.head.isKeepAlive || !request.isWhole || connections.isStopping
        try await outbound.write(contentsOf: response.parts(for: request.head, isLast: isLast))
        guard connections.end(channel), !isLast else { return }
      }
    }
  }

  /// What a client sent.
  private struct Request {
    let head: HTTPRequestHead
    /// Nil if it is too long.
    var body: ByteBuffer? = ByteBuffer()
    /// Whether all of it was read.
    var isWhole = false

    /// The next one, or nil if the client sends no more.
    init?(_ parts: inout NIOAsyncChannelInboundStream<HTTPServerRequestPart>.AsyncIterator)
      async throws
    {
      guard case .head(let head)? = try await parts.next() else { return nil }
      self.head = head
      var length = head.headers.first(name: "content-length").flatMap(Int.init) ?? 0
      if length > patience {
        body = nil
        return
      }
      length = 0
      while let part = try await parts.next() {
        switch part {
        case .body(var portion):
          length += portion.readableBytes
          if length > PixelText.longestBody { body = nil }
          if length > patience { return }
          body?.writeBuffer(&portion)
        case .end:
          isWhole = true
          return
        case .head: return nil
        }
      }
      return nil
    }
  }
}

extension Response {
  fileprivate func parts(for request: HTTPRequestHead, isLast: Bool) -> [HTTPServerResponsePart] {
    var head = HTTPResponseHead(version: request.version, status: status)
    head.headers.add(name: "content-type", value: type)
    head.headers.add(name: "content-length", value: "\(body.utf8.count)")
    if let allow { head.headers.add(name: "allow", value: allow) }
    if isLast {
      head.headers.add(name: "connection", value: "close")
    } else if request.version == .http1_0 {
      head.headers.add(name: "connection", value: "keep-alive")
    }
    // The answer to HEAD is that to another method without its body.
    if request.method == .HEAD { return [.head(head), .end(nil)] }
    return [.head(head), .body(.byteBuffer(ByteBuffer(string: body))), .end(nil)]
  }
}
