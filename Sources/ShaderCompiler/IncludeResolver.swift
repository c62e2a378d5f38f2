import CShaderc

/// Answers shaderc's `#include` requests during one compilation.
final class IncludeResolver {
  /// A file that includes itself would otherwise never end.
  static let maximumDepth = 64

  private let includes: [String: String]

  /// Whether a request could not be answered.
  private(set) var failed = false

  init(_ includes: [String: String]) {
    self.includes = includes
  }

  /// Makes `options` ask this resolver, which must outlive the compilation.
  func attach(to options: shaderc_compile_options_t) {
    shaderc_compile_options_set_include_callbacks(
      options,
      { context, requested, _, _, depth in
        guard let context, let requested else { return Answer.allocate(name: "", content: "") }
        let resolver = Unmanaged<IncludeResolver>.fromOpaque(context).takeUnretainedValue()
        return resolver.resolve(String(cString: requested), depth: depth)
      },
      { _, answer in Answer.deallocate(answer) },
      Unmanaged.passUnretained(self).toOpaque())
  }

  private func resolve(_ name: String, depth: Int) -> UnsafeMutablePointer<Answer> {
    guard depth <= Self.maximumDepth else {
      return fail("\"\(name)\": includes nest more than \(Self.maximumDepth) deep")
    }
    guard let content = includes[name] else {
      let known = includes.keys.sorted().joined(separator: ", ")
      return fail("no include \"\(name)\"; there are: \(known.isEmpty ? "none" : known)")
    }
    return Answer.allocate(name: name, content: content)
  }

  private func fail(_ message: String) -> UnsafeMutablePointer<Answer> {
    failed = true
    // An empty name is how shaderc is told that the content is a message.
    return Answer.allocate(name: "", content: message)
  }
}

private typealias Answer = shaderc_include_result

extension shaderc_include_result {
  fileprivate static func allocate(
    name: String, content: String
  ) -> UnsafeMutablePointer<shaderc_include_result> {
    let answer = UnsafeMutablePointer<shaderc_include_result>.allocate(capacity: 1)
    answer.initialize(
      to: shaderc_include_result(
        source_name: copy(name), source_name_length: name.utf8.count,
        content: copy(content), content_length: content.utf8.count, user_data: nil))
    return answer
  }

  fileprivate static func deallocate(_ answer: UnsafeMutablePointer<shaderc_include_result>?) {
    guard let answer else { return }
    answer.pointee.source_name?.deallocate()
    answer.pointee.content?.deallocate()
    answer.deallocate()
  }

  private static func copy(_ string: String) -> UnsafePointer<CChar> {
    string.withCString { characters in
      let count = string.utf8.count + 1
      let memory = UnsafeMutablePointer<CChar>.allocate(capacity: count)
      memory.initialize(from: characters, count: count)
      return UnsafePointer(memory)
    }
  }
}
