import Swoop
import Testing

/// Reading nested arrays: what was made of some comes back as they were.
@Suite struct NestedReadingTests {
  @Test(arguments: TestDevices.all) func anyDepthComesBack(_ device: Device) async throws {
    let deep = [[[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]] as [[[Float]]]
    let x = try Tensor(deep, on: device)
    #expect(try await x.nested(as: [[[Float]]].self) == deep)
    #expect(try await x[1].nested() == deep[1])
    #expect(try await x[1, 2, 0].nested(as: Float.self) == 11)
    // Of a view in the order of its own axes.
    let turned = (0..<2).map { c in (0..<3).map { b in (0..<2).map { a in deep[a][b][c] } } }
    #expect(try await x.transposed().nested() == turned)
    let deepest = [[[[[[[[1, 2]]], [[[3, 4]]]]]]]] as [[[[[[[[Int32]]]]]]]]
    #expect(try await Tensor(deepest, on: device).nested() == deepest)
  }

  @Test(arguments: TestDevices.all) func threadsMayBlock(_ device: Device) throws {
    let deep = [[[true], [false]], [[false], [true]]]
    let x = try Tensor(deep, on: device)
    #expect(try x.blockingNested(as: [[[Bool]]].self) == deep)
    #expect(try x.cast(to: .uint8).blockingNested() == [[[1], [0]], [[0], [1]]] as [[[UInt8]]])
    #expect(
      try x.cast(to: .float16).blockingNested() == [[[1], [0]], [[0], [1]]] as [[[Float16]]])
    let halves = try x.cast(to: .bfloat16).blockingNested(as: [[[BFloat16]]].self)
    #expect(halves[0] == [[BFloat16(1)], [BFloat16(0)]])
  }

  @Test(arguments: TestDevices.all) func emptyDimensionsComeBack(_ device: Device) async throws {
    func zeros(_ shape: Shape) throws -> Tensor { try Tensor.zeros(shape, on: device) }
    #expect(try await zeros([0]).nested(as: [Float].self) == [])
    #expect(try await zeros([0, 3]).nested(as: [[Float]].self) == [])
    let many = try zeros([1 << 29, 0])
    let error = await #expect(throws: TensorError.self) {
      _ = try await many.nested(as: [[Float]].self)
    }
    #expect(error?.code == .invalidArgument)
    #expect(try await zeros([3, 0]).nested(as: [[Float]].self) == [[], [], []])
    #expect(try await zeros([2, 0, 3]).nested(as: [[[Float]]].self) == [[], []])
    #expect(try await zeros([1, 2, 0]).nested(as: [[[Float]]].self) == [[[], []]])
  }

  @Test(arguments: TestDevices.all) func otherDepthsAndTypesAreRefused(
    _ device: Device
  ) async throws {
    let x = try Tensor.ones([2, 3], on: device)
    func error<A: TensorReadable>(_ type: A.Type) async -> TensorError? {
      do {
        _ = try await x.nested(as: type)
        return nil
      } catch {
        return error as? TensorError
      }
    }
    for error in [await error([Float].self), await error([[[Float]]].self)] {
      #expect(error?.code == .shapeMismatch && error?.message.contains("[2, 3]") == true)
    }
    #expect(await error(Float.self)?.code == .shapeMismatch)
    #expect(await error([[Int32]].self)?.code == .elementTypeMismatch)
  }

  @Test func blockingRefusesTheSame() throws {
    let x = try Tensor.ones([2, 3], on: .cpu)
    #expect(throws: TensorError.self) { try x.blockingNested(as: [[Float16]].self) }
    #expect(throws: TensorError.self) { try x.blockingNested(as: [Float].self) }
    #expect(try x.blockingNested(as: [[Float]].self) == [[1, 1, 1], [1, 1, 1]])
    #expect(try Tensor.zeros([2, 0], on: .cpu).blockingNested(as: [[Float]].self) == [[], []])
  }
}
