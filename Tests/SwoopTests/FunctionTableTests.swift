import SwoopCheck
import SwoopCore
import Testing

@testable import Swoop

/// The functions without an operation of their own are what `Documentation/Operations.md` says.
@Suite struct FunctionTableTests {
  /// It takes, or makes, the element types of its line and no others, and exact results are the
  /// same on both back ends.
  @Test(arguments: FunctionTable.lines) func takesItsElementTypes(_ line: FunctionLine) throws {
    for type in ElementType.allCases {
      let results: [String?] = try TestDevices.all.map { device in
        let operand = try FunctionTable.operand(line.shape, type, on: device)
        guard line.kind != .fixed, !line.types.contains(type) else {
          let result = try line.apply(operand)
          if line.kind != .operand {
            #expect(result.elementType == (line.kind == .fixed ? line.types[0] : type))
          }
          // What it computes may come as an error only to who reads it.
          try result.blockingWait()
          return line.bound == nil ? try result.cast(to: .float32).text : ""
        }
        #expect(throws: TensorError.self, "\(line) took \(type)") {
          try line.apply(operand).blockingWait()
        }
        return nil
      }
      #expect(results[0] == results[1], "\(line) of \(type)")
    }
  }

  @Test(arguments: FunctionTable.lines.filter { $0.kind == .operand })
  func hasTheDerivativeItSays(_ line: FunctionLine) throws {
    for device in TestDevices.all {
      let x = try FunctionTable.operand(line.shape, .float32, on: device)
      func slope() throws -> Tensor {
        try gradient(at: x) { try line.apply($0).cast(to: .float32).square().sum() }
      }
      if line.hasDerivative {
        let slope = try slope().blockingArray(as: Float.self)
        #expect(slope.contains { $0 != 0 && $0.isFinite }, "\(line)")
      } else {
        // An error, or the zeros of what jumps.
        let slope = try? slope().blockingArray(as: Float.self)
        #expect(slope?.allSatisfy { $0 == 0 } ?? true, "\(line)")
      }
    }
  }

  /// Nothing has been computed yet, so the graph of the result is still there to be looked at.
  @Test(arguments: FunctionTable.lines) func isMadeOfWhatItSays(_ line: FunctionLine) throws {
    let operand = try FunctionTable.operand(line.shape, .float32, on: .cpu)
    try operand.blockingWait()
    var found: Set<String> = []
    var nodes = [try line.apply(operand).node]
    while let node = nodes.popLast() {
      if let name = node.interned?.signature.operation.name { found.insert(name) }
      nodes += node.operands.map(\.node)
    }
    // Other types, and views that no kernel reads in place, are copied.
    found.subtract(["cast", "copy"])
    // Runs are merged of lines that are longer than one.
    let said = Set(line.operations.map(\.name)).subtracting(["mergeRuns"])
    #expect(found == said, "\(line)")
  }

  @Test func namesAreUnique() {
    let names = FunctionTable.lines.map(\.name)
    #expect(Set(names).count == names.count)
  }
}

extension Tensor {
  /// Shape and bits.
  fileprivate var text: String {
    get throws {
      "\(shape) \(try blockingArray(as: Float.self).map(\.bitPattern))"
    }
  }
}
