/// SPIR-V whose additions and multiplications are each rounded: a driver may otherwise make one
/// fused multiply-add of two of them, in one kernel and not in another.
///
/// GLSL's `precise` says so of one function's body and not of those that it calls; the decoration
/// NoContraction says so of each instruction (SPIR-V 1.6, section 3.20).
package func withoutContraction(_ words: [UInt32]) -> [UInt32] {
  // OpFNegate, OpFAdd, OpFSub, OpFMul, OpFDiv, OpVectorTimesScalar, OpDot.
  let arithmetic: Set<UInt32> = [127, 129, 131, 133, 136, 142, 148]
  let (decorate, noContraction): (UInt32, UInt32) = (71, 42)
  var results: [UInt32] = []
  var known: Set<UInt32> = []
  var place: Int?
  var index = 5
  while index < words.count {
    let (operation, count) = (words[index] & 0xffff, Int(words[index] >> 16))
    guard count > 0, index + count <= words.count else { return words }
    // Decorations come before the first type.
    if place == nil, (19...39).contains(operation) || (71...75).contains(operation) {
      place = index
    }
    if operation == decorate, count == 3, words[index + 2] == noContraction {
      known.insert(words[index + 1])
    }
    if arithmetic.contains(operation), count > 2 { results.append(words[index + 2]) }
    index += count
  }
  guard let place else { return words }
  let added = results.filter { !known.contains($0) }.flatMap {
    [3 << 16 | decorate, $0, noContraction]
  }
  return Array(words[..<place]) + added + Array(words[place...])
}
