import ArgumentParser
import DigitsData

struct Requests: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Prints the bodies of requests for all test images, as a Lua table for wrk.")

  func run() throws {
    let digits = try Digits.load().test
    print("return {")
    for index in 0..<digits.count { print("  \"\(PixelText.text(digits.image(index)))\",") }
    print("}")
  }
}
