/// A binary tree over the words of a sentence.
indirect enum Tree: Sendable, Equatable {
  /// A leaf: a word by its number in the vocabulary.
  case word(Int)
  case pair(Tree, Tree)

  /// The words from left to right.
  var words: [Int] {
    switch self {
    case .word(let word): [word]
    case .pair(let left, let right): left.words + right.words
    }
  }

  /// The leaves; there is one pair fewer.
  var wordCount: Int {
    switch self {
    case .word: 1
    case .pair(let left, let right): left.wordCount + right.wordCount
    }
  }

  /// The pairs on the longest way from the root to a word.
  var depth: Int {
    switch self {
    case .word: 0
    case .pair(let left, let right): 1 + max(left.depth, right.depth)
    }
  }

  /// The tree without its words: `((··)·)` for three of which the first two belong together.
  var shape: String {
    switch self {
    case .word: "·"
    case .pair(let left, let right): "(\(left.shape)\(right.shape))"
    }
  }
}

/// The trees of a text.
struct Forest: Sendable {
  let trees: [Tree]
  /// The sentences of the whole text; there is a tree for each of the first ones.
  let sentenceCount: Int
  /// The words of the trees have numbers below. Words are numbered as they are met, so these are
  /// the different words of the trees.
  let vocabularyCount: Int

  /// - Parameter limit: the most trees; 1 or more.
  /// - Throws: `InputError` for a text without a sentence.
  init(_ text: SplitText, limit: Int) throws(InputError) {
    let attraction = Attraction(text.sentences)
    trees = text.sentences.prefix(limit).compactMap { Tree($0, attraction) }
    sentenceCount = text.sentences.count
    vocabularyCount = 1 + (trees.flatMap(\.words).max() ?? -1)
    if trees.isEmpty { throw InputError("there is no sentence in the text") }
  }

  var wordCount: Int { trees.reduce(0) { $0 + $1.wordCount } }
  var pairCount: Int { wordCount - trees.count }
  /// Words and pairs.
  var nodeCount: Int { wordCount + pairCount }
  var depths: ClosedRange<Int> {
    let depths = trees.map(\.depth)
    return (depths.min() ?? 0)...(depths.max() ?? 0)
  }
  var distinctShapeCount: Int { Set(trees.map(\.shape)).count }
}
