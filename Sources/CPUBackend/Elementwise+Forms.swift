import SwoopCore

// Kernels made of a function of one element, for the type the operands meet in.

extension CPUBackend {
  @inline(__always)
  static func unary(_ call: KernelCall, _ float: (Float) -> Float, _ integer: (Int32) -> Int32) {
    if call.operands[0].elementType == .float32 {
      mapRows(call.form.shape, call.operands[0], call.result(as: Float.self), float)
    } else {
      mapRows(call.form.shape, call.operands[0], call.result(as: Int32.self), integer)
    }
  }

  /// Of float32.
  @inline(__always)
  static func function(_ call: KernelCall, _ float: (Float) -> Float) {
    mapRows(call.form.shape, call.operands[0], call.result(as: Float.self), float)
  }

  /// Of two float32.
  @inline(__always)
  static func function(_ call: KernelCall, _ float: (Float, Float) -> Float) {
    zipRows(
      call.form.shape, call.operands[0], call.operands[1], call.result(as: Float.self), float)
  }

  @inline(__always)
  static func binary(
    _ call: KernelCall, _ float: (Float, Float) -> Float, _ integer: (Int32, Int32) -> Int32
  ) {
    if call.operands[0].elementType == .float32 {
      function(call, float)
    } else {
      integers(call, integer)
    }
  }

  /// Of two int32.
  @inline(__always)
  static func integers(_ call: KernelCall, _ integer: (Int32, Int32) -> Int32) {
    zipRows(
      call.form.shape, call.operands[0], call.operands[1], call.result(as: Int32.self), integer)
  }

  @inline(__always)
  static func test(_ call: KernelCall, _ float: (Float) -> Bool, _ integer: (Int32) -> Bool) {
    let result = call.result(as: Int32.self)
    if call.operands[0].elementType == .float32 {
      mapRows(call.form.shape, call.operands[0], result) { (x: Float) in float(x) ? 1 : 0 }
    } else {
      mapRows(call.form.shape, call.operands[0], result) { (x: Int32) in integer(x) ? 1 : 0 }
    }
  }

  @inline(__always)
  static func comparison(
    _ call: KernelCall, _ float: (Float, Float) -> Bool, _ integer: (Int32, Int32) -> Bool
  ) {
    let (x, y, result) = (call.operands[0], call.operands[1], call.result(as: Int32.self))
    if x.elementType == .float32 {
      zipRows(call.form.shape, x, y, result) { (a: Float, b: Float) in float(a, b) ? 1 : 0 }
    } else {
      zipRows(call.form.shape, x, y, result) { (a: Int32, b: Int32) in integer(a, b) ? 1 : 0 }
    }
  }

  @inline(__always)
  static func ternary<F: TensorElement, I: TensorElement>(
    _ call: KernelCall, _ float: (F, Float, Float) -> Float,
    _ integer: (I, Int32, Int32) -> Int32
  ) {
    let x = call.operands
    if x[1].elementType == .float32 {
      zipRows(call.form.shape, x[0], x[1], x[2], call.result(as: Float.self), float)
    } else {
      zipRows(call.form.shape, x[0], x[1], x[2], call.result(as: Int32.self), integer)
    }
  }
}
