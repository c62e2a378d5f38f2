import NIOHTTP1
import Swoop
import Synchronization

/// An answer, whatever carries it.
struct Response: Sendable, Equatable {
  var status: HTTPResponseStatus
  var type = "text/plain; charset=utf-8"
  /// The methods that the path takes, in an answer to another.
  var allow: String?
  var body: String

  static func line(_ status: HTTPResponseStatus, _ text: String) -> Response {
    Response(status: status, body: text + "\n")
  }

  static func json(_ text: String) -> Response {
    Response(status: .ok, type: "application/json", body: text + "\n")
  }
}

/// Answers requests. It knows neither sockets nor how its classifier goes about it.
final class Handler: Sendable {
  private let mode: Mode
  private let device: Device
  private let classifier: any Classifier
  private let classified = Atomic<Int>(0)

  init(_ mode: Mode, _ device: Device, _ classifier: any Classifier) {
    self.mode = mode
    self.device = device
    self.classifier = classifier
  }

  /// Images classified for requests.
  var count: Int { classified.load(ordering: .relaxed) }

  func respond(to method: HTTPMethod, _ uri: String, _ body: some Collection<UInt8>) async
    -> Response
  {
    let path = uri.prefix { $0 != "?" }
    switch (path, method) {
    case ("/classify", .POST): return await classify(body)
    case ("/health", .GET): return .line(.ok, "ok")
    case ("/statistics", .GET): return .json(statistics)
    case ("/classify", _): return wrongMethod("POST")
    case ("/health", _), ("/statistics", _): return wrongMethod("GET")
    default:
      return .line(.notFound, "there are POST /classify, GET /health and GET /statistics")
    }
  }

  static let tooLong = Response.line(
    .payloadTooLarge, "a body has at most \(PixelText.longestBody) bytes")

  private func wrongMethod(_ allowed: String) -> Response {
    var response = Response.line(.methodNotAllowed, "this path takes \(allowed)")
    response.allow = allowed
    return response
  }

  private func classify(_ body: some Collection<UInt8>) async -> Response {
    let pixels: [Float]
    do throws(RequestError) {
      pixels = try PixelText.parse(body)
    } catch {
      return .line(.badRequest, error.message)
    }
    do {
      let probabilities = try await classifier.classify(pixels)
      classified.wrappingAdd(1, ordering: .relaxed)
      return .json(Handler.text(probabilities))
    } catch let error as TensorError where error.code == .shutDown || error.code == .queueFull {
      return .line(.serviceUnavailable, "\(error)")
    } catch {
      return .line(.internalServerError, "\(error)")
    }
  }

  /// Swift prints the shortest decimals that read back as the same bits.
  static func text(_ probabilities: [Float]) -> String {
    var digit = 0
    for index in probabilities.indices where probabilities[index] > probabilities[digit] {
      digit = index
    }
    let list = probabilities.map(\.description).joined(separator: ", ")
    return "{\"digit\": \(digit), \"probabilities\": [\(list)]}"
  }

  private var statistics: String {
    var fields = [("mode", quoted(mode.rawValue)), ("device", quoted(device.name))]
    fields.append(("classified", "\(count)"))
    if let (calls, batches) = classifier.batches {
      let mean = batches == 0 ? 0 : Double(calls) / Double(batches)
      fields += [("calls", "\(calls)"), ("batches", "\(batches)"), ("meanBatch", "\(mean)")]
    }
    let counters = device.counters
    fields += [
      ("submissions", "\(counters.submissions)"), ("dispatches", "\(counters.dispatches)"),
    ]
    return "{" + fields.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
  }

  private func quoted(_ text: String) -> String {
    "\""
      + text.map { character in
        switch character {
        case "\"", "\\": "\\\(character)"
        default: "\(character)"
        }
      }.joined() + "\""
  }
}
