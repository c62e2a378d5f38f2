import NIOCore
import NIOHTTP1
import NIOPosix

/// One connection to a server, for requests one after the other.
struct HTTPClient {
  struct Answer: Sendable, Equatable {
    let status: Int
    let body: String
  }

  private let outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
  private var inbound: NIOAsyncChannelInboundStream<HTTPClientResponsePart>.AsyncIterator
  private let host: String

  /// Opens a connection, and closes it after `body`.
  static func connected<R: Sendable>(
    to host: String, port: Int, _ body: (inout HTTPClient) async throws -> R
  ) async throws -> R {
    let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.seconds(10))
      .connect(host: host, port: port) { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHTTPClientHandlers()
          return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
            wrappingChannelSynchronously: channel)
        }
      }
    return try await channel.executeThenClose { inbound, outbound in
      var client = HTTPClient(
        outbound: outbound, inbound: inbound.makeAsyncIterator(), host: "\(host):\(port)")
      return try await body(&client)
    }
  }

  mutating func send(
    _ method: HTTPMethod, _ uri: String, _ body: String = ""
  ) async throws -> Answer {
    let headers: HTTPHeaders = ["host": host, "content-length": "\(body.utf8.count)"]
    let head = HTTPRequestHead(version: .http1_1, method: method, uri: uri, headers: headers)
    try await outbound.write(
      contentsOf: [.head(head), .body(.byteBuffer(ByteBuffer(string: body))), .end(nil)])
    var status = 0
    var text = ByteBuffer()
    while let part = try await inbound.next() {
      switch part {
      case .head(let head): status = Int(head.status.code)
      case .body(var portion): text.writeBuffer(&portion)
      case .end: return Answer(status: status, body: String(buffer: text))
      }
    }
    throw ServerError(description: "\(host) closed the connection instead of an answer")
  }
}
