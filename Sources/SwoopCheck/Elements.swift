import Swoop

/// The elements of a tensor as the host holds them: numbers that their type has.
package struct Elements: Sendable {
  package let values: [Double]
  package let type: ElementType

  /// These numbers, rounded to the type.
  package init(_ values: [Double], _ type: ElementType) {
    self.values = values.map(type.rounded)
    self.type = type
  }

  private init(unrounded values: [Double], _ type: ElementType) {
    (self.values, self.type) = (values, type)
  }

  package static func float32(_ list: [Float]) -> Elements {
    Elements(unrounded: list.map { Double($0) }, .float32)
  }

  package static func int32(_ list: [Int32]) -> Elements {
    Elements(unrounded: list.map { Double($0) }, .int32)
  }

  package func reordered(_ indices: [Int]) -> Elements {
    Elements(unrounded: indices.map { values[$0] }, type)
  }

  package func tensor(_ shape: [Int], on device: Device) throws -> Tensor {
    let shape = try Shape(shape)
    return switch type {
    case .float32: try Tensor(list(Float.self), shape: shape, on: device)
    case .float16: try Tensor(list(Float16.self), shape: shape, on: device)
    case .bfloat16: try Tensor(list(BFloat16.self), shape: shape, on: device)
    case .int32: try Tensor(list(Int32.self), shape: shape, on: device)
    case .uint8: try Tensor(list(UInt8.self), shape: shape, on: device)
    case .bool: try Tensor(list(Bool.self), shape: shape, on: device)
    }
  }

  private func list<E: TensorElement>(_ swiftType: E.Type) -> [E] {
    values.map { E(nearest: $0) }
  }
}

extension Tensor {
  /// Waits for the elements, and for their bits; NaNs, whose payload nobody promises, count as one.
  package func hostElements() throws -> (values: [Double], bits: [UInt32]) {
    switch elementType {
    case .float32:
      let list = try blockingArray(as: Float.self)
      return (list.map { Double($0) }, list.map(\.comparableBits))
    case .float16:
      let list = try blockingArray(as: Float16.self).map { Float($0) }
      return (list.map { Double($0) }, list.map(\.comparableBits))
    case .bfloat16:
      let list = try blockingArray(as: BFloat16.self).map { Float($0) }
      return (list.map { Double($0) }, list.map(\.comparableBits))
    case .int32:
      let list = try blockingArray(as: Int32.self)
      return (list.map { Double($0) }, list.map { UInt32(bitPattern: $0) })
    case .uint8:
      let list = try blockingArray(as: UInt8.self)
      return (list.map { Double($0) }, list.map { UInt32($0) })
    case .bool:
      let list = try blockingArray(as: Bool.self)
      return (list.map { $0 ? 1 : 0 }, list.map { $0 ? 1 : 0 })
    }
  }
}

extension Float {
  /// The same for every NaN.
  package var comparableBits: UInt32 { isNaN ? 0x7FC0_0000 : bitPattern }
}
