import CShaderc

/// One shaderc compiler: GLSL in, SPIR-V out, nothing remembered.
///
/// Unchecked because the handle is a pointer; shaderc.h allows `shaderc_compile_into_spv` on one
/// handle from many threads at once, and nothing else is called on it before it is released.
final class Translator: @unchecked Sendable {
  /// What the SPIR-V depends on besides the source.
  static let version: String = {
    var version: UInt32 = 0
    var revision: UInt32 = 0
    shaderc_get_spv_version(&version, &revision)
    let glslang = "\(GLSLANG_VERSION_MAJOR).\(GLSLANG_VERSION_MINOR).\(GLSLANG_VERSION_PATCH)"
    return "glslang \(glslang) spv \(version).\(revision) format \(DiskCache.format)"
  }()

  private let compiler: shaderc_compiler_t?

  init() {
    compiler = shaderc_compiler_initialize()
  }

  deinit {
    if let compiler { shaderc_compiler_release(compiler) }
  }

  func translate(_ source: ShaderSource) throws(ShaderError) -> [UInt32] {
    guard let compiler, let options = shaderc_compile_options_initialize() else {
      throw ShaderError(
        code: .unavailable, source: source.name, text: "shaderc could not be started")
    }
    defer { shaderc_compile_options_release(options) }
    Self.configure(options, for: source)

    let includes = IncludeResolver(source.includes)
    includes.attach(to: options)
    let result = withExtendedLifetime(includes) {
      shaderc_compile_into_spv(
        compiler, source.text, source.text.utf8.count, shaderc_glsl_compute_shader,
        Self.tag(source.name), "main", options)
    }
    guard let result else {
      throw ShaderError(code: .unavailable, source: source.name, text: "shaderc gave no result")
    }
    defer { shaderc_result_release(result) }
    return try Self.words(of: result, source: source, includeFailed: includes.failed)
  }

  /// A file name for messages: shaderc's assertions, which Debian leaves in, demand that it has
  /// characters, and its messages end at a new line.
  private static func tag(_ name: String) -> String {
    name.isEmpty ? "shader" : String(name.map { $0.isNewline || $0 == "\0" ? " " : $0 })
  }

  private static func configure(_ options: shaderc_compile_options_t, for source: ShaderSource) {
    shaderc_compile_options_set_source_language(options, shaderc_source_language_glsl)
    // The text needs no #version of its own: with an old one, or none, glslang would print to stdout.
    // No profile means core, and does not warn about a plain "#version 460".
    shaderc_compile_options_set_forced_version_profile(options, 460, shaderc_profile_none)
    shaderc_compile_options_set_target_env(
      options, shaderc_target_env_vulkan, shaderc_env_version_vulkan_1_3.rawValue)
    shaderc_compile_options_set_target_spirv(options, shaderc_spirv_version_1_6)
    shaderc_compile_options_set_optimization_level(
      options,
      source.optimization == .none
        ? shaderc_optimization_level_zero : shaderc_optimization_level_performance)
    for (name, value) in source.definitions.sorted(by: { $0.key < $1.key }) {
      shaderc_compile_options_add_macro_definition(
        options, name, name.utf8.count, value, value.utf8.count)
    }
  }

  private static func words(
    of result: shaderc_compilation_result_t, source: ShaderSource, includeFailed: Bool
  ) throws(ShaderError) -> [UInt32] {
    guard
      shaderc_result_get_compilation_status(result) == shaderc_compilation_status_success
    else {
      let text = shaderc_result_get_error_message(result).map { String(cString: $0) } ?? ""
      throw ShaderError(
        code: includeFailed ? .include : .compilation, source: source.name, parsing: text)
    }
    let length = shaderc_result_get_length(result)
    let words = [UInt32](unsafeUninitializedCapacity: length / 4) { buffer, count in
      guard let bytes = shaderc_result_get_bytes(result) else { return }
      UnsafeMutableRawBufferPointer(buffer).copyMemory(
        from: UnsafeRawBufferPointer(start: bytes, count: length / 4 * 4))
      count = length / 4
    }
    guard words.first == ShaderCompiler.spirvMagic else {
      throw ShaderError(
        code: .unavailable, source: source.name, text: "shaderc gave something else than SPIR-V")
    }
    return words
  }
}
