import FoundationEssentials
import Glibc

extension Report {
  /// Where and with what something was measured.
  public struct Environment: Sendable, Equatable, Codable {
    /// The name of the device.
    public var device: String
    /// The name and version of its driver.
    public var driver: String
    /// How many processor cores this process may use.
    public var cores: Int
    /// The name of the processor.
    public var processor: String
    /// The compiler and the kind of build.
    public var compiler: String
    /// The date and time in ISO 8601, UTC.
    public var date: String
    /// `SWOOP_COMMIT`, for programs that run elsewhere than they were built; else the commit of the
    /// source tree, with `-dirty` if that was changed; `unknown` where it is not to be found.
    public var commit: String
    /// The variables of the environment on which speed can depend, with their values; those that
    /// are not set are absent, but for `LP_NUM_THREADS`, which is then empty.
    public var variables: [String: String]

    /// An environment with the given facts.
    public init(
      device: String, driver: String, cores: Int, processor: String, compiler: String, date: String,
      commit: String, variables: [String: String]
    ) {
      self.device = device
      self.driver = driver
      self.cores = cores
      self.processor = processor
      self.compiler = compiler
      self.date = date
      self.commit = commit
      self.variables = variables
    }

    /// The environment of this process; what cannot be found out is `unknown`.
    ///
    /// - Parameters:
    ///   - device: the name of the device.
    ///   - driver: the name and version of its driver.
    ///   - compiler: the compiler, if the caller knows it better.
    public static func captured(
      device: String, driver: String, compiler: String? = nil
    ) -> Environment {
      Environment(
        device: device, driver: driver, cores: usableCores, processor: processorName,
        compiler: compiler ?? builtInCompiler, date: Date().ISO8601Format(), commit: gitCommit,
        variables: relevantVariables(in: ProcessInfo.processInfo.environment))
    }
  }
}

extension Report.Environment {
  static func relevantVariables(in environment: [String: String]) -> [String: String] {
    let names: Set = ["LP_NUM_THREADS", "OMP_NUM_THREADS"]
    let prefixes = ["VK_", "OPENBLAS_", "SWOOP_"]
    var variables = environment.filter { name, _ in
      names.contains(name) || prefixes.contains { name.hasPrefix($0) }
    }
    // Worth naming even if it is not set: on lavapipe everything depends on it.
    if variables["LP_NUM_THREADS"] == nil { variables["LP_NUM_THREADS"] = "" }
    return variables
  }

  /// The cores that this process may run on, fewer than there are under `taskset` or a cpuset.
  package static var usableCores: Int {
    if let file = fopen("/proc/self/status", "re") {
      defer { fclose(file) }
      if let count = usableCores(inStatus: lines(of: file, atMost: 200)) { return count }
    }
    return max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
  }

  /// The bits of the affinity mask. (`sched_getaffinity` is hidden from Swift by Glibc's headers.)
  static func usableCores(inStatus lines: [String]) -> Int? {
    for line in lines where line.hasPrefix("Cpus_allowed:") {
      let count = line.dropFirst("Cpus_allowed:".count)
        .compactMap { $0.hexDigitValue }.reduce(0) { $0 + $1.nonzeroBitCount }
      return count > 0 ? count : nil
    }
    return nil
  }

  static var processorName: String {
    guard let file = fopen("/proc/cpuinfo", "re") else { return "unknown" }
    defer { fclose(file) }
    return processorName(inCPUInfo: lines(of: file, atMost: 64))
  }

  static func processorName(inCPUInfo lines: [String]) -> String {
    for line in lines {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, trimmed(parts[0]) == "model name" else { continue }
      let name = trimmed(parts[1])
      if !name.isEmpty { return name }
    }
    return "unknown"
  }

  static var gitCommit: String {
    if let given = ProcessInfo.processInfo.environment["SWOOP_COMMIT"], !given.isEmpty {
      return given
    }
    // Of the source tree, wherever the program runs; marked if that was changed since.
    let line = git("describe --always --dirty --abbrev=7 --exclude '*'") ?? ""
    let hash = line.hasSuffix("-dirty") ? String(line.dropLast(6)) : line
    guard !hash.isEmpty, hash.allSatisfy(\.isHexDigit) else { return "unknown" }
    // Text, tests and scripts are not in the program.
    let sources = "../../Sources ../../Kernels ../../Examples ../../Package.swift"
    return isOlder(than: git("log -1 --format=%ct -- \(sources)")) ? line + "-or-older" : line
  }

  /// Whether this program was built before a commit of this time, which then says little about it.
  static func isOlder(than commit: String?) -> Bool {
    var program = stat()
    guard let commit, let time = Int(commit), stat("/proc/self/exe", &program) == 0 else {
      return false
    }
    return program.st_mtim.tv_sec < time
  }

  /// The first line of what git says about the source tree; nil if it says nothing.
  private static func git(_ arguments: String) -> String? {
    let file: String = #filePath
    let tree = file.dropLast("/Report+Environment.swift".count)
    guard let pipe = popen("git -C '\(tree)' \(arguments) 2>/dev/null", "re") else { return nil }
    let line = lines(of: pipe, atMost: 1).first.map { trimmed($0[...]) }
    return pclose(pipe) == 0 ? line : nil
  }

  /// The compiler that built this module, as far as it can be told from inside.
  static var builtInCompiler: String {
    #if compiler(>=6.4)
      let version = "Swift 6.4 or newer"
    #elseif compiler(>=6.3.1)
      let version = "Swift 6.3.1 or newer"
    #elseif compiler(>=6.3)
      let version = "Swift 6.3"
    #else
      let version = "Swift 6.2 or older"
    #endif
    #if DEBUG
      return version + ", debug"
    #else
      return version + ", release"
    #endif
  }

  private static func lines(of file: UnsafeMutablePointer<FILE>, atMost limit: Int) -> [String] {
    var lines: [String] = []
    var buffer = [CChar](repeating: 0, count: 4_096)
    while lines.count < limit, fgets(&buffer, Int32(buffer.count), file) != nil {
      let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      lines.append(String(decoding: bytes, as: UTF8.self))
    }
    return lines
  }

  private static func trimmed(_ text: Substring) -> String {
    let start = text.drop(while: \.isWhitespace)
    guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(start[...last])
  }
}
