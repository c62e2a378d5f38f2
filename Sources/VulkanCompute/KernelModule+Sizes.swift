extension KernelModule {
  /// How a type lies in memory.
  struct Extent {
    var size: Int
    var alignment: Int
  }

  /// The bytes of all variables in some memory, laid out one after the other; nil if that hangs on
  /// what cannot be computed here. `Int.max` stands for more than can be counted.
  func bytes(in storage: Storage) -> Int? {
    var end = 0
    for variable in variables where variable.storage == storage.rawValue {
      guard case .pointer(let type)? = forms[variable.type], let extent = extent(of: type) else {
        return nil
      }
      end = sum(aligned(end, extent.alignment), extent.size)
    }
    return end
  }

  /// Size and alignment by the rules of std430; members of structures where their offsets are.
  func extent(of type: UInt32, depth: Int = 0) -> Extent? {
    // Types come before what is made of them, so a module that nests deeper is none.
    guard depth < 64, let form = forms[type] else { return nil }
    switch form {
    case .scalar(let bytes): return Extent(size: bytes, alignment: max(bytes, 1))
    case .pointer: return Extent(size: 8, alignment: 8)
    case .vector(let part, let count):
      guard let part = extent(of: part, depth: depth + 1) else { return nil }
      return Extent(
        size: product(part.size, count), alignment: product(part.size, count == 3 ? 4 : count))
    case .matrix(let column, let count):
      guard let column = extent(of: column, depth: depth + 1) else { return nil }
      return Extent(
        size: product(aligned(column.size, column.alignment), count), alignment: column.alignment)
    case .array(let element, let count):
      guard let element = extent(of: element, depth: depth + 1), let count = number(count) else {
        return nil
      }
      return Extent(
        size: product(aligned(element.size, element.alignment), Int(count)),
        alignment: element.alignment)
    case .structure(let members):
      var whole = Extent(size: 0, alignment: 1)
      var end = 0
      for (index, member) in members.enumerated() {
        guard let extent = extent(of: member, depth: depth + 1) else { return nil }
        let offset = offsets[type]?[UInt32(index)] ?? aligned(end, extent.alignment)
        end = sum(offset, extent.size)
        whole.size = max(whole.size, end)
        whole.alignment = max(whole.alignment, extent.alignment)
      }
      whole.size = aligned(whole.size, whole.alignment)
      return whole
    }
  }

  private func aligned(_ offset: Int, _ alignment: Int) -> Int {
    let raised = sum(offset, max(alignment, 1) - 1)
    return raised == .max ? .max : raised / max(alignment, 1) * max(alignment, 1)
  }

  private func sum(_ a: Int, _ b: Int) -> Int {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }

  private func product(_ a: Int, _ b: Int) -> Int {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
  }

  /// A specialisation constant computed from others, as sizes are; nil for other operations.
  func computed(_ opcode: UInt32, _ operands: [UInt32]) -> Value? {
    if opcode == 81, operands.count == 2, case .composite(let parts)? = values[operands[0]] {
      let index = Int(operands[1])
      return index < parts.count ? values[parts[index]] : nil
    }
    let numbers = operands.compactMap { number($0) }
    guard numbers.count == operands.count, let a = numbers.first else { return nil }
    if numbers.count == 1 {
      switch opcode {
      case 126: return .number(0 &- a)
      case 168: return .number(a == 0 ? 1 : 0)
      case 200: return .number(~a)
      default: return nil
      }
    }
    let b = numbers[1]
    if opcode == 169, numbers.count == 3 { return .number(a != 0 ? b : numbers[2]) }
    return numbers.count == 2 ? binary(opcode, a, b).map { .number($0) } : nil
  }

  private func binary(_ opcode: UInt32, _ a: UInt32, _ b: UInt32) -> UInt32? {
    let (signedA, signedB) = (Int32(bitPattern: a), Int32(bitPattern: b))
    func truth(_ isTrue: Bool) -> UInt32 { isTrue ? 1 : 0 }
    switch opcode {
    case 128: return a &+ b
    case 130: return a &- b
    case 132: return a &* b
    case 134: return b == 0 ? nil : a / b
    case 135:
      return b == 0
        ? nil : UInt32(bitPattern: signedA.dividedReportingOverflow(by: signedB).partialValue)
    case 137: return b == 0 ? nil : a % b
    case 138:
      return b == 0
        ? nil
        : UInt32(bitPattern: signedA.remainderReportingOverflow(dividingBy: signedB).partialValue)
    case 166: return truth(a != 0 || b != 0)
    case 167: return truth(a != 0 && b != 0)
    case 170: return truth(a == b)
    case 171: return truth(a != b)
    case 172: return truth(a > b)
    case 173: return truth(signedA > signedB)
    case 174: return truth(a >= b)
    case 175: return truth(signedA >= signedB)
    case 176: return truth(a < b)
    case 177: return truth(signedA < signedB)
    case 178: return truth(a <= b)
    case 179: return truth(signedA <= signedB)
    case 194: return b < 32 ? a >> b : nil
    case 195: return b < 32 ? UInt32(bitPattern: signedA >> Int32(b)) : nil
    case 196: return b < 32 ? a << b : nil
    case 197: return a | b
    case 198: return a ^ b
    case 199: return a & b
    default: return nil
    }
  }
}
