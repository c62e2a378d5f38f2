/// The words of one sentence, as numbers in their text's vocabulary.
struct Sentence: Sendable, Equatable {
  private(set) var words: [Int] = []
  /// For each word whether punctuation stands before it; false for the first.
  private(set) var breaks: [Bool] = []

  mutating func append(_ word: Int, afterBreak: Bool) {
    breaks.append(afterBreak && !words.isEmpty)
    words.append(word)
  }
}

/// A text split in sentences and words. It knows no markup.
///
/// - A word is a run of letters and numbers (`Character.isLetter`, `isNumber`). An apostrophe,
///   hyphen, underscore or full stop between two of them belongs to the word, and a comma between
///   two digits. An ideograph is a word of its own; other scripts without spaces stay in one piece.
///   Words that differ in case alone are the same word.
/// - A sentence ends at a mark that Unicode calls sentence-terminal, at an empty line, and after
///   `Splitter.longest` words. After a full stop or an ellipsis it goes on if the next word begins
///   with a lowercase letter. A sentence without words is none.
/// - Any other mark, such as a comma or a bracket, is punctuation between two words.
struct SplitText: Sendable {
  private(set) var sentences: [Sentence] = []
  /// The different words in the order in which they are met, lowercased.
  private(set) var vocabulary: [String] = []

  init(_ text: String) {
    var splitter = Splitter()
    for character in text { splitter.take(character) }
    splitter.end()
    sentences = splitter.sentences
    vocabulary = splitter.vocabulary
  }
}

/// Splits a text in one pass.
struct Splitter {
  /// The most words of a sentence: a list without any mark becomes several.
  static let longest = 100

  private(set) var sentences: [Sentence] = []
  private(set) var vocabulary: [String] = []
  private var numbers: [String: Int] = [:]
  private var sentence = Sentence()
  private var word = ""
  /// A mark right behind a word, which belongs to the word if it goes on.
  private var held: Character?
  private var hasBreak = false
  /// After a full stop: the next word decides.
  private var mayEnd = false
  private var newlines = 0

  mutating func take(_ character: Character) {
    if let mark = held {
      held = nil
      if character.goesOn(after: mark, in: word) {
        word.append(mark)
        word.append(character)
        return
      }
      endWord()
      punctuate(mark)
    }
    if character.isIdeograph {
      endWord()
      begin(character)
      endWord()
    } else if character.isWordPart {
      if word.isEmpty { begin(character) } else { word.append(character) }
    } else if !word.isEmpty, character.isJoiner {
      held = character
    } else {
      endWord()
      if character.isWhitespace { space(character) } else { punctuate(character) }
    }
  }

  /// The end of the text.
  mutating func end() {
    endWord()
    endSentence()
  }

  private mutating func begin(_ character: Character) {
    if mayEnd {
      if character.isLowercase { hasBreak = true } else { endSentence() }
    }
    mayEnd = false
    newlines = 0
    word.append(character)
  }

  private mutating func endWord() {
    guard !word.isEmpty else { return }
    let key = word.lowercased()
    let number = numbers[key] ?? vocabulary.count
    if number == vocabulary.count {
      numbers[key] = number
      vocabulary.append(key)
    }
    sentence.append(number, afterBreak: hasBreak)
    hasBreak = false
    word = ""
    if sentence.words.count == Splitter.longest { endSentence() }
  }

  private mutating func endSentence() {
    if !sentence.words.isEmpty { sentences.append(sentence) }
    sentence = Sentence()
    hasBreak = false
    mayEnd = false
  }

  private mutating func space(_ character: Character) {
    guard character.isNewline else { return }
    newlines += 1
    if newlines == 2 { endSentence() }
  }

  private mutating func punctuate(_ mark: Character) {
    newlines = 0
    if mark.mayEndSentence {
      mayEnd = true
    } else if mark.unicodeScalars.first?.properties.isSentenceTerminal == true {
      endSentence()
    } else {
      hasBreak = true
    }
  }
}

extension Character {
  fileprivate var isIdeograph: Bool {
    unicodeScalars.first?.properties.isIdeographic == true
  }

  fileprivate var isWordPart: Bool { isLetter || isNumber }

  fileprivate var isJoiner: Bool { "'’-‐‑_.,".contains(self) }

  fileprivate var mayEndSentence: Bool { ".．…".contains(self) }

  /// Whether the word goes on with this character behind a mark.
  fileprivate func goesOn(after mark: Character, in word: String) -> Bool {
    guard isWordPart, !isIdeograph else { return false }
    return mark != "," || isNumber && word.last?.isNumber == true
  }
}
