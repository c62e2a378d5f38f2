import Glibc

/// Where a ``ShaderCompiler`` keeps what it has compiled for the next process.
public enum CacheLocation: Sendable, Hashable {
  /// `$XDG_CACHE_HOME/swoop`, or `~/.cache/swoop` where that is not set.
  ///
  /// Nowhere if `SWOOP_SHADER_CACHE` is `off` in the environment or there is no home.
  case standard

  /// This directory, which is created when the first shader is written.
  case directory(String)

  /// In memory only.
  case disabled

  /// The directory, or `nil` if nothing is to be written.
  var path: String? {
    switch self {
    case .standard:
      Self.standardPath(
        setting: Self.environment("SWOOP_SHADER_CACHE"),
        cache: Self.environment("XDG_CACHE_HOME"),
        home: Self.environment("HOME"))
    case .directory(let path): path.isEmpty ? nil : path
    case .disabled: nil
    }
  }

  /// The standard directory in an environment with these values.
  ///
  /// The XDG specification has relative paths ignored.
  static func standardPath(setting: String?, cache: String?, home: String?) -> String? {
    if setting == "off" { return nil }
    if let cache, cache.hasPrefix("/") { return cache + "/swoop" }
    if let home, home.hasPrefix("/") { return home + "/.cache/swoop" }
    return nil
  }

  private static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
