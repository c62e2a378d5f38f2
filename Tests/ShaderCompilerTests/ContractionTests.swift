import Testing

@testable import ShaderCompiler

@Suite struct ContractionTests {
  /// NoContraction is said once of every addition and multiplication.
  @Test func nothingIsContracted() throws {
    let plain = try ShaderCompiler(cacheDirectory: .disabled).compile(
      .body(
        """
        layout(local_size_x = 1) in;
        layout(std430, set = 0, binding = 0) buffer Result { vec4 x; vec4 y; };
        void main() { y = y * x; x = x + vec4(1, 2, 3, 4); }
        """))
    #expect(decorated(plain) == 0)
    let exact = withoutContraction(plain)
    #expect(decorated(exact) == 2)
    #expect(exact.count == plain.count + 6)
    #expect(withoutContraction(exact) == exact)
  }

  private func decorated(_ words: [UInt32]) -> Int {
    var (index, count) = (5, 0)
    while index < words.count {
      if words[index] == 3 << 16 | 71, words[index + 2] == 42 { count += 1 }
      index += Int(words[index] >> 16)
    }
    return count
  }
}
