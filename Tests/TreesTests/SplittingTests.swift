import Glibc
import Testing

@testable import Trees

@Suite("Trees: splitting a text")
struct SplittingTests {
  /// The sentences with their words spelt out; `|` where punctuation stands.
  private func sentences(_ text: String) -> [String] {
    let split = SplitText(text)
    return split.sentences.map { sentence in
      zip(sentence.words, sentence.breaks).map { word, hasBreak in
        (hasBreak ? "| " : "") + split.vocabulary[word]
      }.joined(separator: " ")
    }
  }

  @Test(
    "Sentences and words, in several scripts",
    arguments: [
      ("", []),
      (" \n\n .,!? — \r\n", []),
      ("One", ["one"]),
      ("One two. Three!Four", ["one two", "three", "four"]),
      ("It's 3.14, or 3,000; well-known.", ["it's 3.14 | or 3,000 | well-known"]),
      ("a,b", ["a | b"]),
      ("Wait... what? \"No.\" (Yes.)", ["wait | what", "no", "yes"]),
      ("See e.g. this one. And that", ["see e.g | this one", "and that"]),
      ("A heading\n\nA line\nand more", ["a heading", "a line and more"]),
      ("A heading\r\n\r\nA line\r\nand more", ["a heading", "a line and more"]),
      ("Größe — ÉTÉ… été. Ελλάδα; Наука!", ["größe | été | été", "ελλάδα | наука"]),
      ("天地。玄黃", ["天 地", "玄 黃"]),
      ("e\u{301}tait 👩‍👩‍👧 'quoted'", ["e\u{301}tait | quoted"]),
      ("end-", ["end"]),
      ("a -b- c", ["a | b | c"]),
    ] as [(String, [String])])
  func splitting(_ text: String, _ expected: [String]) {
    #expect(sentences(text) == expected)
  }

  @Test("Words that differ in case are the same word")
  func vocabulary() {
    let split = SplitText("The cat. the CAT sees The cat.")
    #expect(split.vocabulary == ["the", "cat", "sees"])
    #expect(split.sentences.map(\.words) == [[0, 1, 0, 1, 2, 0, 1]])
  }

  @Test("A list without marks becomes several sentences")
  func longest() {
    let split = SplitText(String(repeating: "word\n", count: 250))
    #expect(split.sentences.map(\.words.count) == [100, 100, 50])
  }

  @Test("Files that cannot be worked with are refused in one line")
  func files() throws {
    var template = Array("/tmp/trees-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let path = directory + "/text"
    defer {
      unlink(path)
      rmdir(directory)
    }
    func put(_ bytes: [UInt8]) throws {
      let file = try #require(fopen(path, "we"))
      defer { fclose(file) }
      try #require(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }
    for missing in ["", path, directory] {
      let error = #expect(throws: InputError.self) { _ = try TextFile.read(missing) }
      #expect(error?.description.contains("\n") == false)
    }
    try put([0x61, 0xff, 0x62])
    #expect(throws: InputError.self) { _ = try TextFile.read(path) }
    try put(Array("Grüße.".utf8))
    #expect(try TextFile.read(path) == "Grüße.")
    try put([])
    #expect(throws: InputError.self) {
      _ = try Forest(SplitText(TextFile.read(path)), limit: 4)
    }
    #expect(throws: InputError.self) { _ = try Forest(SplitText("... !\n"), limit: 4) }
  }

  @Test(
    "Bad options are refused",
    arguments: [
      [], ["a", "b"], ["a", "--hidden", "0"], ["a", "--hidden", "-1"], ["a", "--hidden", "1025"],
      ["a", "--trees", "0"], ["a", "--trees", "x"], ["a", "--seed", "-1"], ["a", "--none"],
    ])
  func options(_ arguments: [String]) {
    #expect(throws: (any Error).self) { _ = try MeasureTrees.parse(arguments) }
  }
}
