/// lavapipe ends the loops of an invocation after 65,535 turns in all, nested or one behind the other,
/// and says nothing.
enum Turns {
  /// What loops over many elements may take together; the rest is for the small ones beside them.
  static let limit = 60_000

  /// The macro by which Through.glsl takes several steps a turn, for loops that would take so many
  /// turns; none where they may. Lines of as many elements as a tensor can have come to 64 steps.
  static func definitions(_ turns: Int) -> [String: String] {
    var steps = 1
    while turns / steps > limit { steps *= 2 }
    return steps == 1 ? [:] : ["STEPS": "\(steps)"]
  }
}
