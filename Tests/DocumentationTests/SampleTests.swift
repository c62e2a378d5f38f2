import Foundation
import Swoop
import Testing

/// Every piece of Swift in the documents compiles: it is a marked piece of the sources here, or a
/// program of its own.
@Suite struct SampleTests {
  /// What compiles, without regard to white space.
  private static func samples() throws -> Set<String> {
    var samples: Set<String> = []
    for path in try Package.files("Tests/DocumentationTests", ".swift")
    where path.contains("/Samples") {
      samples.formUnion(marked(in: try Package.text(path)))
    }
    return samples
  }

  /// The pieces between the marks.
  private static func marked(in text: String) -> [String] {
    var samples: [String] = []
    var sample: [Substring]?
    for line in text.split(separator: "\n") {
      switch line.collapsed {
      case "// sample": sample = []
      case "// sample ends":
        samples.append((sample ?? []).joined(separator: "\n").collapsed)
        sample = nil
      default: sample?.append(line)
      }
    }
    return samples
  }

  /// Where code stands in the documents that is in none of the samples.
  private static func strangers(
    in documents: [Document], samples: Set<String>
  ) -> [String] {
    documents.flatMap { document in
      document.swift.filter { block in
        // The compiler has no manifests here; they are built by following the page.
        !block.text.hasPrefix("// swift-tools-version") && !samples.contains(block.text.collapsed)
      }.map { "\(document.path):\($0.line)" }
    }
  }

  @Test func whatTheDocumentsShowCompiles() throws {
    let program = try Package.text("Tests/ReadmeProgram/Hello.swift").collapsed
    let samples = try SampleTests.samples().union([program])
    // The tutorial's pieces are one program; see below.
    let documents = try Package.documents().filter { $0.path != Tutorial.path }
    #expect(documents.count { !$0.swift.isEmpty } >= 7)
    #expect(SampleTests.strangers(in: documents, samples: samples) == [])
  }

  @Test func noSampleIsLeftOver() throws {
    let shown = Set(try Package.documents().flatMap(\.swift).map(\.text.collapsed))
    #expect(try SampleTests.samples().subtracting(shown) == [])
  }

  @Test func theTutorialIsItsProgram() throws {
    let tutorial = try Tutorial()
    for (name, text) in tutorial.files where name != "Package.swift" {
      let file = "Tests/TutorialProgram/" + (name.split(separator: "/").last ?? "")
      #expect(text.collapsed == (try Package.text(file).collapsed), "\(file)")
    }
    #expect(tutorial.files.count == 3)
  }

  @Test func whatDoesNotCompileIsFound() throws {
    let page = Document(
      path: "page.md",
      lines: ["Like this:", "", "```swift", "let x =  1", "```", "```swift", "let y = 1", "```"])
    #expect(SampleTests.strangers(in: [page], samples: ["let x = 1"]) == ["page.md:6"])
    #expect(SampleTests.marked(in: "a\n // sample\n  b\nc\n// sample ends\nd") == ["b c"])
  }
}

/// What the reader of the tutorial has written in the end.
struct Tutorial {
  static let path = Package.catalogue + "/FromArrayToNetwork.md"
  private static let program = "Sources/FirstNetwork/FirstNetwork.swift"

  /// By their paths in the reader's package.
  private(set) var files: [String: String] = [:]
  let document: Document

  init() throws {
    document = try Document(path: Tutorial.path)
    var program: [Substring] = []
    for block in document.swift {
      let name = block.lead.split(separator: "`", omittingEmptySubsequences: false).dropLast().last
      guard block.lead.hasSuffix("`:"), let name else {
        // To the end of `main`, before its closing brace and that of its type.
        let closing = program.suffix(2)
        program.removeLast(closing.count)
        program += block.text.split(separator: "\n") + closing
        continue
      }
      if name == Tutorial.program {
        program = block.text.split(separator: "\n")
      } else {
        files[String(name)] = block.text
      }
    }
    files[Tutorial.program] = program.joined(separator: "\n")
  }
}

/// What the documents show does what they say it does.
@Suite struct SampleResultTests {
  @Test(.enabled(if: Lavapipe.name != nil, "kernels need a Vulkan device"))
  func theKernelRunsAloneAndInABatch() async throws {
    let device = try Device.default()
    let x = try Tensor([1, 2, 3] as [Float], on: device)
    let y = try Tensor([3, 2, 5] as [Float], on: device)
    #expect(try await Samples.mixed(x, y, on: device).array(as: Float.self) == [2, 2, 4])
    let sums = try await device.batched {
      try (0..<5).map { try Samples.mixed(x + $0, y, on: device) }
    }
    #expect(try await sums[4].array(as: Float.self) == [4, 4, 6])
  }

  @Test func aCoalescersWaysGiveOneResult() async throws {
    let device = try Device.default()
    let x = try Tensor([1, -2] as [Float], on: device)
    let weight = try Tensor([[1, 2, 3], [0, 1, -1]] as [[Float]], on: device)
    let bias = try Tensor([0, 0, 1] as [Float], on: device)
    for y in try await Samples.shared(x, [x, x], weight: weight, bias: bias, on: device) {
      #expect(try await y.array(as: Float.self) == [1, 0, 6])
    }
  }
}
