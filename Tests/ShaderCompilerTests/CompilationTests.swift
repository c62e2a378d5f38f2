import Testing

@testable import ShaderCompiler

@Suite struct CompilationTests {
  let compiler = ShaderCompiler(cacheDirectory: .disabled)

  private func failure(_ source: ShaderSource) -> ShaderError? {
    #expect(throws: ShaderError.self) { try compiler.compile(source) }
  }

  @Test func givesSPIRV16() throws {
    let words = try compiler.compile(.writing())
    #expect(words.prefix(2) == [0x0723_0203, 0x0001_0600])
  }

  @Test func optimizationCanBeLeftOut() throws {
    var source = ShaderSource.body(
      "layout(local_size_x = 1) in; void main() { int a = 1; int b = a + 2; }")
    let optimized = try compiler.compile(source)
    source.optimization = .none
    #expect(try compiler.compile(source).count > optimized.count)
  }

  @Test func macrosAndIncludesAreSeen() throws {
    let included = ShaderSource.body(
      """
      #extension GL_GOOGLE_include_directive : require
      #include "Outer.glsl"
      layout(local_size_x = SIZE) in;
      layout(binding = 0) buffer Result { float result; };
      void main() { result = outer(); }
      """,
      includes: [
        "Outer.glsl": "#include \"Inner.glsl\"\nfloat outer() { return inner() * 2.0; }\n",
        "Inner.glsl": "float inner() { return 3.0; }\n",
      ])
    var source = included
    source.definitions = ["SIZE": "8", "BARE": ""]
    #expect(try compiler.compile(source).first == ShaderCompiler.spirvMagic)
    #expect(failure(included)?.code == .compilation, "SIZE is not defined")
  }

  @Test(arguments: ["", "#version 110", "#version 310 es", "#version 450", "#version 460 core"])
  func theVersionIs460(line: String) throws {
    let source = ShaderSource(
      name: "Version.comp",
      text: """
        \(line)
        #if __VERSION__ != 460
        #error wrong version
        #endif
        layout(local_size_x = 1) in;
        void main() {}
        """)
    #expect(try compiler.compile(source).first == ShaderCompiler.spirvMagic)
  }

  @Test func anErrorHasFileAndLine() throws {
    let error = try #require(failure(.body("void main() {\n  float x = nothing;\n}")))
    #expect(error.code == .compilation)
    #expect(error.source == "Body.comp")
    let first = try #require(error.diagnostics.first)
    #expect(first.file == "Body.comp")
    #expect(first.line == 3)
    #expect(first.severity == .error)
    #expect(first.message.contains("nothing"))
    #expect(error.text.contains("Body.comp:3: error:"))
    #expect(error.description.contains("Body.comp does not compile"))
  }

  @Test func anErrorInsideAnIncludeNamesIt() throws {
    let source = ShaderSource.body(
      """
      #extension GL_GOOGLE_include_directive : require
      #include "Bad.glsl"
      void main() {}
      """,
      includes: ["Bad.glsl": "// line 1\n// line 2\nfloat f() { return nothing; }\n"])
    let error = try #require(failure(source))
    #expect(error.code == .compilation)
    #expect(error.diagnostics.first?.file == "Bad.glsl")
    #expect(error.diagnostics.first?.line == 3)
  }

  @Test func aMissingIncludeIsNamed() throws {
    let source = ShaderSource.body(
      "#extension GL_GOOGLE_include_directive : require\n#include \"None.glsl\"\nvoid main() {}",
      includes: ["Some.glsl": ""])
    let error = try #require(failure(source))
    #expect(error.code == .include)
    #expect(error.diagnostics.first?.line == 3)
    #expect(error.text.contains("None.glsl"))
    #expect(error.text.contains("Some.glsl"))
  }

  @Test func anEndlessIncludeEnds() throws {
    let source = ShaderSource.body(
      "#extension GL_GOOGLE_include_directive : require\n#include \"Self.glsl\"\nvoid main() {}",
      includes: ["Self.glsl": "#include \"Self.glsl\"\n"])
    #expect(failure(source)?.code == .include)
  }

  @Test(arguments: [
    "", "\u{0}", "#version 460\nvoid main() {", "é", "#version 99999\n", "#version 460\n#error\n",
  ])
  func nonsenseIsAnError(text: String) {
    #expect(failure(ShaderSource(name: "", text: text))?.code == .compilation)
  }

  /// An empty name is an assertion of shaderc's, which would end the process.
  @Test(arguments: ["", " ", "\n", "a\nb", "\u{0}", ":", "::3:", "ERROR: "])
  func anyNameWillDo(name: String) {
    let text = "#version 460\n#include \"\(name)\"\nvoid main() { nothing; }"
    let source = ShaderSource(
      name: name, text: text, includes: [name: "void f() { nothing; }"], definitions: [name: name])
    #expect(failure(source) != nil)
    #expect(failure(ShaderSource(name: name, text: "#line 3 \"\(name)\"\nnothing;")) != nil)
  }

  @Test func aFailureIsNotRemembered() {
    let source = ShaderSource.body("void main() { nothing; }")
    #expect(failure(source) == failure(source))
    #expect(compiler.statistics == .init())
  }

  @Test func diagnosticsAreParsed() {
    let parsed = ShaderError(
      code: .compilation, source: "a",
      parsing: """
        dir/a:b.comp:12: error: 'x' : no: warning: really
        a.comp: warning: whole file
        1 error generated.
        """)
    #expect(
      parsed.diagnostics == [
        .init(
          file: "dir/a:b.comp", line: 12, severity: .error, message: "'x' : no: warning: really"),
        .init(file: "a.comp", line: nil, severity: .warning, message: "whole file"),
      ])
    #expect(parsed.diagnostics.first?.description.hasPrefix("dir/a:b.comp:12: error: ") == true)
  }
}

extension ShaderError: Equatable {
  public static func == (lhs: ShaderError, rhs: ShaderError) -> Bool {
    lhs.description == rhs.description && lhs.diagnostics == rhs.diagnostics
  }
}
