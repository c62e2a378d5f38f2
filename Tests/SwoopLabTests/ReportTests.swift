import FoundationEssentials
import Testing

@testable import SwoopLab

@Suite("The report")
struct ReportTests {
  @Test("The JSON has exactly the keys of schema 1")
  func keys() throws {
    let json = try plantedReport.json()
    let object = try JSONDecoder().decode(JSONValue.self, from: Data(json.utf8))
    #expect(object.keys == ["environment", "schema", "workloads"])
    #expect(object["schema"] == .number(1))
    #expect(
      object["environment"]?.keys == [
        "commit", "compiler", "cores", "date", "device", "driver", "processor", "variables",
      ])
    let linear = try #require(object["workloads"]?[0])
    #expect(
      linear.keys == [
        "baseline", "baselineWaitingOnce", "batched", "batches", "claims", "coalesced",
        "continuations", "floor", "gain", "loneCaller", "name", "samples", "tax", "threads",
        "verified",
      ])
    #expect(linear["baseline"]?.keys == ["high", "low", "opsPerSecond"])
    #expect(linear["floor"]?[0]?.keys == ["high", "low", "opsPerSecond", "threads"])
    #expect(
      linear["threads"]?[0]?.keys == [
        "high", "low", "opsPerSecond", "pattern", "scaling", "threads",
      ])
    #expect(linear["batches"]?[0]?.keys == ["batch", "high", "low", "path", "samplesPerSecond"])
    #expect(linear["claims"]?[0]?.keys == ["claim", "evidence", "verdict"])
    #expect(
      linear["gain"]?.keys == [
        "batching", "bestBatch", "bestThreading", "deviation", "pairedTotal", "threading", "total",
        "waiting",
      ])
    #expect(linear["tax"]?.keys == ["high", "low", "ratio"])
    #expect(linear["verified"]?.keys == ["bound", "passed", "worstError"])
    #expect(linear["samples"]?.keys?.count == plantedStudy.count)

    // What was not measured is absent, not 0.
    let digits = try #require(object["workloads"]?[1])
    #expect(
      digits.keys == [
        "baseline", "batches", "claims", "floor", "name", "samples", "threads", "verified",
      ])
    #expect(digits["verified"]?.keys == ["accuracy", "bound", "passed", "worstError"])
    #expect(json.contains("\"pattern\" : \"persistentWorkers\""))
    #expect(json.contains("\"path\" : \"stacked\""))
  }

  @Test("The JSON read back is the report, also with fields yet unknown")
  func roundTrip() throws {
    let report = plantedReport
    let json = try report.json()
    #expect(try Report(json: json) == report)
    let newer = json.replacing("\"name\" :", with: "\"attribution\" : [1], \"name\" :")
    #expect(try Report(json: newer) == report)
    #expect(throws: DecodingError.self) { try Report(json: "{}") }
    #expect(throws: DecodingError.self) { try Report(json: String(json.dropLast(20))) }
  }

  @Test("An error that is not finite never passes and does not break the JSON")
  func notFinite() throws {
    let verified = Report.Verified(worstError: .nan, bound: .infinity, passed: true)
    #expect(!verified.passed)
    var report = plantedReport
    report.workloads[0].verified = verified
    #expect(!report.passed && plantedReport.passed)
    #expect(try Report(json: report.json()) == report)
    #expect(report.rendered().contains("verification FAILED"))
  }

  @Test("The text has all six sections in 100 columns, and colours only if asked for")
  func rendering() {
    let report = plantedReport
    let text = report.rendered()
    for line in text.split(separator: "\n") { #expect(line.count <= 100, "\(line)") }
    for heading in [
      "1. Threads", "2. The floor", "3. Batches", "4. Coalesced", "5. The gain", "6. The claims",
    ] {
      #expect(text.contains(heading))
    }
    for part in [
      "llvmpipe", "LP_NUM_THREADS not set", "new thread per op", "84,300", "the tax", "= total",
      "SUPPORTED", "REFUTED", "they agree within", "95.4 % of the images right", "not measured",
    ] { #expect(text.contains(part), "\(part)") }
    #expect(!text.contains("\u{1B}"))
    #expect(report.rendered(colours: true).contains("\u{1B}[32mSUPPORTED\u{1B}[0m"))
  }

  @Test("Extreme figures stay in their columns")
  func extremes() throws {
    var figures = plantedStudy
    for (name, old) in figures {
      figures[name] = try figure(old.samples.map { $0 * 123_456 })
    }
    let workload = Report.Workload(
      name: "big", verified: .init(worstError: 1, bound: 0, passed: false),
      figures: WorkloadFigures(figures))
    for line in workload.lines(Style(hasColours: false)) {
      #expect(line.count <= 100, "\(line)")
    }
  }

  @Test("The names of figures read back", arguments: Array(plantedStudy.keys))
  func names(name: FigureName) { #expect(FigureName(name.description) == name) }

  @Test(
    "No name of a figure",
    arguments: [
      "", "x", "floor", "floor/x", "threads/pool/1", "batches/stacked", "a/b/c/d",
      "coalesced/tasks/1",
      "served/stacked", "served/x/1", "served/inTurn/x", "lone", "lone/x", "coalesced/tasks/1/2",
      "replayed/tasks/0/1",
      "coalesced/pool/1/1", "continuations/1",
    ])
  func badNames(key: String) { #expect(FigureName(key) == nil) }

  @Test("Variables that matter, and no others")
  func variables() {
    let found = Report.Environment.relevantVariables(in: [
      "VK_ICD_FILENAMES": "a", "OMP_NUM_THREADS": "2", "SWOOP_DEVICE": "b", "HOME": "/root",
      "OPENBLAS_NUM_THREADS": "1", "MY_VK_": "c",
    ])
    #expect(
      found == [
        "VK_ICD_FILENAMES": "a", "OMP_NUM_THREADS": "2", "SWOOP_DEVICE": "b",
        "OPENBLAS_NUM_THREADS": "1", "LP_NUM_THREADS": "",
      ])
    #expect(
      Report.Environment.relevantVariables(in: ["LP_NUM_THREADS": "0"]) == ["LP_NUM_THREADS": "0"])
  }

  @Test("The facts of a machine")
  func facts() {
    typealias Environment = Report.Environment
    #expect(
      Environment.processorName(inCPUInfo: ["processor\t: 0", "model name\t: A B @ 2: 3 \n"])
        == "A B @ 2: 3")
    #expect(Environment.processorName(inCPUInfo: ["model name\t: "]) == "unknown")
    #expect(Environment.usableCores(inStatus: ["Name: x", "Cpus_allowed:\tff,00000003\n"]) == 10)
    #expect(Environment.usableCores(inStatus: ["Name: x"]) == nil)
    let captured = Environment.captured(device: "d", driver: "e")
    #expect(Report.Environment.isOlder(than: "99999999999"))
    #expect(!Report.Environment.isOlder(than: "0") && !Report.Environment.isOlder(than: nil))
    #expect(captured.cores >= 1 && !captured.processor.isEmpty && !captured.commit.isEmpty)
    #expect(captured.date.hasSuffix("Z") && captured.date.count == 20)
    #expect(captured.compiler.hasPrefix("Swift "))
    #expect(Environment.captured(device: "d", driver: "e", compiler: "c").compiler == "c")
  }
}

/// Any JSON.
private enum JSONValue: Decodable, Equatable {
  case object([String: JSONValue])
  case array([JSONValue])
  case number(Double)
  case text(String)
  case flag(Bool)

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let value = try? container.decode([String: JSONValue].self) {
      self = .object(value)
    } else if let value = try? container.decode([JSONValue].self) {
      self = .array(value)
    } else if let value = try? container.decode(Bool.self) {
      self = .flag(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else {
      self = .text(try container.decode(String.self))
    }
  }

  var keys: [String]? {
    guard case .object(let members) = self else { return nil }
    return members.keys.sorted()
  }

  subscript(key: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members[key]
  }

  subscript(index: Int) -> JSONValue? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }
}
