import NIOConcurrencyHelpers
import NIOCore

/// The open connections, so that a server can stop without cutting off an answer: those that wait
/// for a request are closed at once, the others after their answer.
final class Connections: Sendable {
  private struct State {
    var isStopping = false
    var open: [ObjectIdentifier: (channel: any Channel, isBusy: Bool)] = [:]
  }

  private let state = NIOLockedValueBox(State())

  /// - Returns: false if the server stops; the connection is then not to be served.
  func add(_ channel: any Channel) -> Bool {
    state.withLockedValue { state in
      if !state.isStopping { state.open[ObjectIdentifier(channel)] = (channel, false) }
      return !state.isStopping
    }
  }

  func remove(_ channel: any Channel) {
    state.withLockedValue { $0.open[ObjectIdentifier(channel)] = nil }
  }

  /// From here to the answer the connection is not closed.
  /// - Returns: false if the server stops and the request came too late.
  func begin(_ channel: any Channel) -> Bool {
    state.withLockedValue { state in
      if !state.isStopping { state.open[ObjectIdentifier(channel)]?.isBusy = true }
      return !state.isStopping
    }
  }

  /// The answer is written.
  /// - Returns: whether the connection may wait for another request.
  func end(_ channel: any Channel) -> Bool {
    state.withLockedValue { state in
      state.open[ObjectIdentifier(channel)]?.isBusy = false
      return !state.isStopping
    }
  }

  /// Whether answers should say that no other will follow on their connection.
  var isStopping: Bool { state.withLockedValue(\.isStopping) }

  /// Takes no more requests.
  func stop() {
    let idle = state.withLockedValue { state in
      state.isStopping = true
      return state.open.values.filter { !$0.isBusy }
    }
    for connection in idle { connection.channel.close(promise: nil) }
  }

  /// Closes what is still open, such as connections whose clients do not read their answer.
  func closeAll() {
    for connection in state.withLockedValue({ Array($0.open.values) }) {
      connection.channel.close(promise: nil)
    }
  }
}
