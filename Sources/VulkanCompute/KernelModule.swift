/// What a kernel's SPIR-V declares, as far as a driver that is given too much of it may crash.
///
/// Drivers trust what they are given: a descriptor without a layout, or more shared memory than
/// there is, ends the process in some. So kernels that are not our own are read before.
struct KernelModule {
  /// SPIR-V's storage classes that matter here.
  enum Storage: UInt32 {
    case uniformConstant = 0
    case uniform = 2
    case workgroup = 4
    case privateMemory = 6
    case function = 7
    case pushConstant = 9
    case atomicCounter = 10
    case image = 11
    case storageBuffer = 12
  }

  enum Form {
    case scalar(bytes: Int)
    case vector(of: UInt32, count: Int)
    case matrix(of: UInt32, count: Int)
    case array(of: UInt32, count: UInt32)
    case structure([UInt32])
    case pointer(to: UInt32)
  }

  enum Value {
    case number(UInt32)
    case composite([UInt32])
  }

  struct Variable {
    let id: UInt32
    let type: UInt32
    let storage: UInt32
  }

  struct Descriptor {
    var set: UInt32?
    var binding: UInt32?
  }

  private(set) var capabilities: [UInt32] = []
  /// Entry points: the execution model and the name.
  private(set) var entryPoints: [(model: UInt32, name: String)] = []
  private(set) var variables: [Variable] = []
  private(set) var names: [UInt32: String] = [:]
  private(set) var descriptors: [UInt32: Descriptor] = [:]
  /// Variables that some instruction reads.
  private(set) var used: Set<UInt32> = []
  var forms: [UInt32: Form] = [:]
  var values: [UInt32: Value] = [:]
  /// Bytes from a structure's start to its members.
  var offsets: [UInt32: [UInt32: Int]] = [:]
  private var specialised: [UInt32: UInt32] = [:]
  private var sizeLiterals: [UInt32]?
  private var sizeConstants: [UInt32]?
  private var sizeBuiltIn: UInt32?

  /// Reads a module as it is when specialised; nil for what is none.
  /// - Parameter constants: specialisation constants 0, 1, 2, …
  init?(_ words: [UInt32], constants: [UInt32]) {
    guard words.count > 5, words[0] == 0x0723_0203 else { return nil }
    var start = 5
    while start < words.count {
      let length = Int(words[start] >> 16)
      guard length > 0, start + length <= words.count else { return nil }
      read(words[start] & 0xffff, words[(start + 1)..<(start + length)], constants)
      start += length
    }
  }

  /// The size of the workgroup; nil if it cannot be told.
  var workgroup: [UInt32]? {
    // The built-in constant, where there is one, overrides the execution mode.
    if let sizeBuiltIn, case .composite(let parts)? = values[sizeBuiltIn] {
      return numbers(parts)
    }
    return sizeLiterals ?? sizeConstants.flatMap { numbers($0) }
  }

  private func numbers(_ ids: [UInt32]) -> [UInt32]? {
    let numbers = ids.compactMap { number($0) }
    return numbers.count == ids.count ? numbers : nil
  }

  func number(_ id: UInt32) -> UInt32? {
    guard case .number(let number)? = values[id] else { return nil }
    return number
  }

  /// Reads one instruction; the numbers are the SPIR-V specification's.
  private mutating func read(
    _ opcode: UInt32, _ operands: ArraySlice<UInt32>, _ constants: [UInt32]
  ) {
    let words = Array(operands)
    switch (opcode, words.count) {
    case (5, 2...): names[words[0]] = text(words.dropFirst())
    case (15, 3...): entryPoints.append((words[0], text(words.dropFirst(2))))
    case (16, 5...) where words[1] == 17: sizeLiterals = Array(words[2..<5])
    case (331, 5...) where words[1] == 38: sizeConstants = Array(words[2..<5])
    case (17, 1...): capabilities.append(words[0])
    case (71, 3...): decorate(words[0], with: words[1], words[2])
    case (72, 4...) where words[2] == 35:
      offsets[words[0], default: [:]][words[1]] = Int(words[3])
    case (20, 1...): forms[words[0]] = .scalar(bytes: 4)
    case (21...22, 2...): forms[words[0]] = .scalar(bytes: Int(words[1]) / 8)
    case (23, 3...): forms[words[0]] = .vector(of: words[1], count: Int(words[2]))
    case (24, 3...): forms[words[0]] = .matrix(of: words[1], count: Int(words[2]))
    case (28, 3...): forms[words[0]] = .array(of: words[1], count: words[2])
    case (30, 1...): forms[words[0]] = .structure(Array(words.dropFirst()))
    case (32, 3...): forms[words[0]] = .pointer(to: words[2])
    case (41...42, 2...): values[words[1]] = .number(opcode == 41 ? 1 : 0)
    case (43, 3...): values[words[1]] = .number(words[2])
    case (44, 2...), (51, 2...): values[words[1]] = .composite(Array(words.dropFirst(2)))
    case (46, 2...): values[words[1]] = .number(0)
    case (48...49, 2...), (50, 3...):
      let given = specialised[words[1]].flatMap {
        Int($0) < constants.count ? constants[Int($0)] : nil
      }
      values[words[1]] = .number(given ?? (opcode == 50 ? words[2] : opcode == 48 ? 1 : 0))
    case (52, 4...): values[words[1]] = computed(words[2], Array(words.dropFirst(3)))
    case (59, 3...):
      variables.append(Variable(id: words[1], type: words[0], storage: words[2]))
    // Loads, and the chains that lead to them.
    case (61, 3...), (65...67, 3...), (70, 3...): used.insert(words[2])
    default: break
    }
  }

  private mutating func decorate(_ id: UInt32, with decoration: UInt32, _ value: UInt32) {
    switch decoration {
    case 1: specialised[id] = value
    case 11 where value == 25: sizeBuiltIn = id
    case 33: descriptors[id, default: Descriptor()].binding = value
    case 34: descriptors[id, default: Descriptor()].set = value
    default: break
    }
  }

  private func text(_ words: ArraySlice<UInt32>) -> String {
    var bytes: [UInt8] = []
    for word in words {
      for shift in [0, 8, 16, 24] as [UInt32] {
        let byte = UInt8(truncatingIfNeeded: word >> shift)
        if byte == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
