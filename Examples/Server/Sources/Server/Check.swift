import ArgumentParser
import DigitsData

struct Check: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Has servers classify all test images, and compares their answers.",
    discussion: """
      Exit code 0 if every server gives the same probabilities to the last bit and recognises at \
      least nine of ten digits. Each is asked over many connections at once, so that a coalescer \
      has something to coalesce.
      """)

  @Argument(help: "The ports of the servers.")
  var ports: [Int]

  @Option(help: "Where they are.")
  var host = "127.0.0.1"

  @Option(help: "Connections to a server at once.")
  var connections = 32

  func validate() throws {
    guard (1...1_000).contains(connections) else {
      throw ValidationError("--connections was given \(connections); it takes 1 to 1,000")
    }
  }

  func run() async throws {
    let digits = try Digits.load().test
    var first: [Classification] = []
    for port in ports {
      let answers = try await answers(for: digits, port)
      let correct = zip(answers, digits.labels).count { $0.digit == Int($1) }
      // Rounded to tenths by whole numbers.
      let tenths = (correct * 2_000 + digits.count) / (2 * digits.count)
      print(
        "port \(port): \(correct) of \(digits.count) images recognised, "
          + "\(tenths / 10).\(tenths % 10) %")
      guard correct * 10 >= digits.count * 9 else {
        throw ServerError(description: "port \(port) recognises too few to be right")
      }
      if first.isEmpty { first = answers }
      for (index, (one, other)) in zip(first, answers).enumerated() where one != other {
        throw ServerError(
          description: "image \(index) is \(one) at port \(ports[0]), \(other) at \(port)")
      }
    }
    print("all probabilities are equal, bit by bit")
  }

  private func answers(for digits: Digits, _ port: Int) async throws -> [Classification] {
    try await withThrowingTaskGroup(of: [(Int, Classification)].self) { group in
      for worker in 0..<connections {
        group.addTask {
          try await HTTPClient.connected(to: host, port: port) { client in
            var found: [(Int, Classification)] = []
            for index in stride(from: worker, to: digits.count, by: connections) {
              let text = PixelText.text(digits.image(index))
              let answer = try await client.send(.POST, "/classify", text)
              guard answer.status == 200, let value = Classification(answer.body) else {
                throw ServerError(
                  description: "port \(port) answered \(answer.status) \(answer.body)")
              }
              found.append((index, value))
            }
            return found
          }
        }
      }
      var all = [Classification?](repeating: nil, count: digits.count)
      for try await part in group { for (index, value) in part { all[index] = value } }
      return all.compactMap(\.self)
    }
  }
}

/// What a server answers, read back. Only for the form that it writes; any other is nil.
struct Classification: Equatable, Sendable, CustomStringConvertible {
  let digit: Int
  let probabilities: [Float]

  init?(_ json: String) {
    let pieces = json.split(whereSeparator: { "[]".contains($0) })
    guard pieces.count == 3,
      let digit = Int(pieces[0].filter(\.isNumber)), (0..<Digits.classCount).contains(digit)
    else { return nil }
    let fields = pieces[1].split(separator: ",", omittingEmptySubsequences: false)
    let values = fields.compactMap { Float($0.filter { $0 != " " }) }
    guard values.count == Digits.classCount, fields.count == values.count,
      values.max() == values[digit]
    else { return nil }
    self.digit = digit
    probabilities = values
  }

  /// Bits, since 0 = -0.
  static func == (a: Classification, b: Classification) -> Bool {
    a.digit == b.digit
      && a.probabilities.map(\.bitPattern) == b.probabilities.map(\.bitPattern)
  }

  var description: String { Handler.text(probabilities) }
}
