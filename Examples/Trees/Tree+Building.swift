/// How much neighbouring words belong together, by the text itself.
struct Attraction: Sendable {
  private struct Neighbours: Hashable {
    let left: Int
    let right: Int
  }

  private var counts: [Int: Int] = [:]
  private var together: [Neighbours: Int] = [:]

  init(_ sentences: [Sentence]) {
    for sentence in sentences {
      for (index, word) in sentence.words.enumerated() {
        counts[word, default: 0] += 1
        if index > 0, !sentence.breaks[index] {
          together[Neighbours(left: sentence.words[index - 1], right: word), default: 0] += 1
        }
      }
    }
  }

  /// How often the two stand side by side ÷ how often each is there: the order of their pointwise
  /// mutual information, without its logarithm.
  func between(_ left: Int, _ right: Int) -> Double {
    guard let pair = together[Neighbours(left: left, right: right)], let first = counts[left],
      let second = counts[right]
    else { return 0 }
    return Double(pair) / (Double(first) * Double(second))
  }
}

extension Tree {
  /// A tree that looks like a parse of the sentence and is none: no grammar is known. From the
  /// single words up, the two neighbours with the strongest attraction between them are joined,
  /// over and over, and across punctuation only when nothing else is left, so that what stands
  /// between two marks is a subtree. Of equal ones the pair of fewest words is joined first, then
  /// the leftmost: the same text always gives the same trees.
  ///
  /// nil for a sentence without words.
  init?(_ sentence: Sentence, _ attraction: Attraction) {
    var parts = sentence.words.map { (tree: Tree.word($0), count: 1) }
    // The attraction between part i and part i + 1: of the words that meet there.
    var gaps = sentence.words.indices.dropFirst().map { index in
      sentence.breaks[index]
        ? -1 : attraction.between(sentence.words[index - 1], sentence.words[index])
    }
    while parts.count > 1 {
      var best = 0
      for index in gaps.indices.dropFirst() {
        let count = parts[index].count + parts[index + 1].count
        let least = parts[best].count + parts[best + 1].count
        if gaps[index] > gaps[best] || gaps[index] == gaps[best] && count < least { best = index }
      }
      let right = parts.remove(at: best + 1)
      parts[best] = (.pair(parts[best].tree, right.tree), parts[best].count + right.count)
      gaps.remove(at: best)
    }
    guard let root = parts.first else { return nil }
    self = root.tree
  }
}
