import Testing

@testable import Trees

@Suite("Trees: building")
struct TreeTests {
  static let text = """
    The cat sat on the mat, and the dog slept. The cat saw the dog; the dog saw nothing at all!
    On the mat the cat sat. Nothing happened (as it does), until the dog, at last, woke up.
    Yes. The dog saw the cat on the mat.
    """

  private func forest(_ text: String, limit: Int = 100) throws -> Forest {
    try Forest(SplitText(text), limit: limit)
  }

  @Test("Every word is a leaf once, in order")
  func leaves() throws {
    let split = SplitText(TreeTests.text)
    let forest = try forest(TreeTests.text)
    #expect(forest.trees.map(\.words) == split.sentences.map(\.words))
    #expect(forest.sentenceCount == 6)
    #expect(forest.vocabularyCount == split.vocabulary.count)
    for tree in forest.trees {
      #expect(tree.wordCount == tree.words.count)
      #expect(tree.shape.count { $0 == "(" } == tree.wordCount - 1)
      #expect(tree.depth < max(tree.wordCount, 1))
    }
    #expect(forest.nodeCount == forest.wordCount + forest.pairCount)
  }

  @Test("The same text gives the same trees, and of different shapes")
  func shapes() throws {
    let trees = try forest(TreeTests.text)
    #expect(try forest(TreeTests.text).trees == trees.trees)
    #expect(trees.distinctShapeCount >= 5)
    #expect(Set(trees.trees.map(\.depth)).count >= 3)
    #expect(trees.depths.lowerBound == 0)
  }

  @Test("A limit keeps the first sentences; the others still count")
  func limit() throws {
    let all = try forest(TreeTests.text)
    let two = try forest(TreeTests.text, limit: 2)
    #expect(two.trees == Array(all.trees.prefix(2)) && two.sentenceCount == 6)
    #expect(two.vocabularyCount < all.vocabularyCount)
  }

  @Test("Neighbours that often meet are joined first, across punctuation last")
  func order() throws {
    // "a b" meet three times, "b c" and "c a" once.
    #expect(try forest("x a b! y a b! c a b! c! c!").trees[2].shape == "(·(··))")
    #expect(try forest("x a b! y a b! a b c! c! c!").trees[2].shape == "((··)·)")
    // Nothing tells the words apart: the fewest words first, then the leftmost.
    #expect(try forest("a b c d e").trees[0].shape == "((··)((··)·))")
    #expect(try forest("a, b c").trees[0].shape == "(·(··))")
    #expect(try forest("a b, c d e, f").trees[0].shape == "((··)(((··)·)·))")
  }

  @Test("No word gives no tree, one word a leaf")
  func smallest() throws {
    #expect(Tree(Sentence(), Attraction([])) == nil)
    let one = try forest("Yes.").trees
    #expect(one == [.word(0)])
    #expect(one[0].depth == 0 && one[0].shape == "·" && one[0].wordCount == 1)
  }
}
