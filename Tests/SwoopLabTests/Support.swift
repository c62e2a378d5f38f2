import Glibc

/// Blocks the calling thread.
func blockingSleep(milliseconds: Int) { usleep(UInt32(milliseconds) * 1_000) }

/// A number that a thread keeps from the first time that it asks.
enum ThreadMark {
  private static let key: pthread_key_t = {
    var key = pthread_key_t()
    pthread_key_create(&key, nil)
    return key
  }()

  static func mark(orNew new: Int) -> Int {
    if let value = pthread_getspecific(key) { return Int(bitPattern: value) - 1 }
    pthread_setspecific(key, UnsafeRawPointer(bitPattern: new + 1))
    return new
  }
}
