import DigitsData
import Testing

@testable import Server

@Suite("Server: the text of an image")
struct PixelTextTests {
  private let blank = [String](repeating: "0", count: Digits.pixelCount)

  private func message(_ text: String) -> String? {
    do throws(RequestError) {
      _ = try PixelText.parse(text.utf8)
      return nil
    } catch {
      return error.message
    }
  }

  @Test("Every test image survives the way to text and back")
  func roundTrip() throws {
    let digits = try Digits.load().test
    for index in 0..<digits.count {
      let text = PixelText.text(digits.image(index))
      #expect(text.utf8.count <= PixelText.longestBody)
      #expect(try PixelText.parse(text.utf8) == Array(digits.image(index)))
      #expect(try PixelText.parse((text + "\n").utf8) == Array(digits.image(index)))
    }
  }

  @Test(
    "One number that is none is named",
    arguments: [
      ("", "is missing"), ("17", "is too large"), ("99999999999999999999999", "is too large"),
      ("-1", "no whole number"), ("1.5", "no whole number"), ("nan", "no whole number"),
      (" 1", "no whole number"), ("\u{663}", "no whole number"), ("\0", "no whole number"),
      ("1\n", "second"), ("1\r", "no whole number"),
    ])
  func badNumber(_ field: String, _ problem: String) throws {
    var fields = blank
    fields[40] = field
    let found = message(fields.joined(separator: ","))
    let message = try #require(found)
    #expect(message.contains(problem))
    #expect(problem == "second" || message.contains("number 41"))
    #expect(!message.contains("\n"))
  }

  @Test("Too few and too many numbers")
  func badCount() {
    #expect(message("") == "number 1 is missing")
    #expect(message("\n") == "number 1 is missing")
    #expect(message("1") == "an image has 64 numbers; these are 1")
    #expect(message(blank.dropLast().joined(separator: ",")) != nil)
    #expect(message((blank + ["0"]).joined(separator: ",")) != nil)
    #expect(message(blank.joined(separator: ",") + ",") != nil)
    #expect(message(blank.joined(separator: ",") + "\n\n") != nil)
    #expect(message(blank.joined(separator: ",")) == nil)
  }

  @Test("An answer reads back as the same bits; other text is none")
  func answers() throws {
    let values: [Float] = [0.1, .leastNonzeroMagnitude, 0.9999999, 1e-30, 0, 0, 0, 0, 0, 1 / 3]
    let answer = try #require(Classification(Handler.text(values)))
    #expect(answer.digit == 2)
    #expect(answer.probabilities.map(\.bitPattern) == values.map(\.bitPattern))
    for text in ["", "{}", "ok", "{\"digit\": 3, \"probabilities\": [1, 2]}", "[]]"] {
      #expect(Classification(text) == nil)
    }
  }
}
