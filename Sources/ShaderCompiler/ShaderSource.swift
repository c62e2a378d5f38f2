/// A GLSL compute shader and all that decides what it compiles to.
///
/// Two equal sources compile to the same words, so a source is its own key in the caches.
public struct ShaderSource: Sendable, Hashable {
  /// How much the compiler works on the SPIR-V.
  public enum Optimization: String, Sendable, Hashable, CaseIterable {
    /// As the front end emits it: quick to compile, easy to read.
    case none
    /// Optimized for speed of execution.
    case performance
  }

  /// The name that messages give to the text, such as `Elementwise.comp`.
  public var name: String

  /// The GLSL, always compiled as version 460. Lines count from 1.
  public var text: String

  /// What `#include "X"` finds: names as written between the quotation marks, and their GLSL.
  public var includes: [String: String]

  /// Preprocessor macros and their values; an empty value defines the bare name.
  public var definitions: [String: String]

  public var optimization: Optimization

  public init(
    name: String,
    text: String,
    includes: [String: String] = [:],
    definitions: [String: String] = [:],
    optimization: Optimization = .performance
  ) {
    self.name = name
    self.text = text
    self.includes = includes
    self.definitions = definitions
    self.optimization = optimization
  }
}
