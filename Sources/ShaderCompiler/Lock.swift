import Synchronization

/// A value that one thread at a time may touch.
///
/// The thread sanitizer does not see the futex inside `Mutex`; the atomic shows it the same order.
struct Lock<Value>: ~Copyable {
  private let mutex: Mutex<Value>
  private let order = Atomic<Bool>(false)

  init(_ value: consuming sending Value) {
    mutex = Mutex(value)
  }

  borrowing func withLock<Result, Failure: Error>(
    _ body: (inout sending Value) throws(Failure) -> sending Result
  ) throws(Failure) -> sending Result {
    try mutex.withLock { value throws(Failure) in
      _ = order.load(ordering: .acquiring)
      defer { order.store(true, ordering: .releasing) }
      return try body(&value)
    }
  }
}
