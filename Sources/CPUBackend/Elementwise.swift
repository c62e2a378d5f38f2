import RealModule
import SwoopCore

extension CPUBackend {
  /// Operations of each element by itself.
  static let elementwiseKernels: [TensorOperation: Kernel] = [
    .add: binary(Add.self),
    .subtract: binary(Subtract.self),
    .multiply: binary(Multiply.self),
    .divide: floating(zipped(Divide.self)),
    .negate: unary(Negate.self, Negate.Integer.self),
    .exp: floating(mapped(Exp.self)),
    .log: floating(mapped(Log.self)),
    .sqrt: floating(mapped(SquareRoot.self)),
    .tanh: floating(mapped(Tanh.self)),
    .relu: unary(Relu.self, Relu.Integer.self),
    .cast: cast,
    .copy: unary(Same<Float>.self, Same<Int32>.self),
  ]
}

// MARK: The functions. int32 arithmetic wraps around.

private enum Add: ArithmeticForm {
  static func apply(_ a: Float, _ b: Float) -> Float { a + b }
  enum Integer: BinaryForm { static func apply(_ a: Int32, _ b: Int32) -> Int32 { a &+ b } }
}

private enum Subtract: ArithmeticForm {
  static func apply(_ a: Float, _ b: Float) -> Float { a - b }
  enum Integer: BinaryForm { static func apply(_ a: Int32, _ b: Int32) -> Int32 { a &- b } }
}

private enum Multiply: ArithmeticForm {
  static func apply(_ a: Float, _ b: Float) -> Float { a * b }
  enum Integer: BinaryForm { static func apply(_ a: Int32, _ b: Int32) -> Int32 { a &* b } }
}

private enum Divide: BinaryForm {
  static func apply(_ a: Float, _ b: Float) -> Float { a / b }
}

private enum Negate: UnaryForm {
  static func apply(_ x: Float) -> Float { -x }
  enum Integer: UnaryForm { static func apply(_ x: Int32) -> Int32 { 0 &- x } }
}

private enum Exp: UnaryForm {
  static func apply(_ x: Float) -> Float { .exp(x) }
}

private enum Log: UnaryForm {
  static func apply(_ x: Float) -> Float { .log(x) }
}

private enum SquareRoot: UnaryForm {
  static func apply(_ x: Float) -> Float { x.squareRoot() }
}

private enum Tanh: UnaryForm {
  static func apply(_ x: Float) -> Float { .tanh(x) }
}

private enum Relu: UnaryForm {
  // NaN stays NaN.
  static func apply(_ x: Float) -> Float { x < 0 ? 0 : x }
  enum Integer: UnaryForm { static func apply(_ x: Int32) -> Int32 { x < 0 ? 0 : x } }
}

private enum Same<E: TensorElement>: UnaryForm {
  static func apply(_ x: E) -> E { x }
}

enum ToFloat32: UnaryForm {
  static func apply(_ x: Int32) -> Float { Float(x) }
}

private enum ToInt32: UnaryForm {
  // Both limits are exact in float32, the upper one being the first value that is too large.
  static func apply(_ x: Float) -> Int32 {
    if x >= 2_147_483_648 { return .max }
    if x >= -2_147_483_648 { return Int32(x) }
    return x.isNaN ? 0 : .min
  }
}

// MARK: Kernels made of them

extension CPUBackend {
  private static let cast: Kernel = { call throws(TensorError) in
    switch (call.operands[0].elementType, call.form.elementType) {
    case (.int32, .float32): try mapped(ToFloat32.self)(call)
    case (.float32, .int32): try mapped(ToInt32.self)(call)
    case (.float32, .float32): try mapped(Same<Float>.self)(call)
    case (.int32, .int32): try mapped(Same<Int32>.self)(call)
    }
  }

  private static func binary<F: ArithmeticForm>(_ form: F.Type) -> Kernel {
    { call throws(TensorError) in
      switch call.form.elementType {
      case .float32: try zipped(F.self)(call)
      case .int32: try zipped(F.Integer.self)(call)
      }
    }
  }

  private static func unary<F: UnaryForm, I: UnaryForm>(_ form: F.Type, _ integer: I.Type)
    -> Kernel
  {
    { call throws(TensorError) in
      switch call.form.elementType {
      case .float32: try mapped(F.self)(call)
      case .int32: try mapped(I.self)(call)
      }
    }
  }

  private static func zipped<F: BinaryForm>(_ form: F.Type) -> Kernel {
    { call throws(TensorError) in
      zipRows(
        F.self, call.form.shape, call.operands[0], call.operands[1],
        call.result(as: F.Element.self))
    }
  }

  private static func mapped<F: UnaryForm>(_ form: F.Type) -> Kernel {
    { call throws(TensorError) in
      mapRows(F.self, call.form.shape, call.operands[0], call.result(as: F.Result.self))
    }
  }
}
