import Kernels
import SwoopCore

/// A change of the GLSL before it is compiled: how tests plant a wrong kernel, to see that
/// `swoop check` finds it. A back end takes edits when it is made; nothing else does.
package struct KernelEdit: Sendable {
  package let file: String
  package let text: String
  package let replacement: String

  /// - Parameters:
  ///   - file: the name of the file, such as `Elementwise.comp`.
  ///   - text: what is to be replaced, wherever it stands.
  package init(_ file: String, replacing text: String, by replacement: String) {
    (self.file, self.text, self.replacement) = (file, text, replacement)
  }

  /// All GLSL by file, edited.
  /// - Throws: `kernelCompilation` if an edit finds nothing to replace: it would plant nothing.
  static func apply(_ edits: [KernelEdit]) throws(TensorError) -> [String: String] {
    var files = KernelSource.all
    for edit in edits {
      guard let before = files[edit.file], before.contains(edit.text) else {
        throw TensorError(
          .kernelCompilation, "\(edit.file) has nothing that reads \"\(edit.text)\"")
      }
      files[edit.file] = before.replacing(edit.text, with: edit.replacement)
    }
    return files
  }
}
