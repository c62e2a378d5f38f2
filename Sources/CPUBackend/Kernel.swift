import SwoopCore

/// The CPU form of an operation.
typealias Kernel = @Sendable (KernelCall) throws(TensorError) -> Void

/// One operation, as its kernel sees it.
struct KernelCall {
  var operands: [Operand]
  let attributes: Attributes
  /// Shape and element type of the result. The kernel writes float32 or int32; what is narrower
  /// is narrowed afterwards.
  let form: TensorForm
  /// Row-major, without gaps.
  var result: UnsafeMutableRawPointer

  func result<E: TensorElement>(as type: E.Type) -> UnsafeMutablePointer<E> {
    result.assumingMemoryBound(to: type)
  }
}

/// One operand. Whoever uses its pointer keeps it alive.
struct Operand {
  let storage: any Storage
  let start: UnsafeRawPointer
  let layout: Layout
  let elementType: ElementType

  /// - Throws: `notAvailable` if the tensor has no storage, which a schedule rules out.
  init(_ tensor: Tensor) throws(TensorError) {
    guard let slice = tensor.node.residence?.slice else {
      throw TensorError(.notAvailable, "an operand was not computed before what needs it")
    }
    storage = slice.storage
    start = HostStorage.address(of: slice)
    layout = tensor.layout
    elementType = tensor.elementType
  }

  init(_ storage: HostStorage, _ shape: Shape, _ elementType: ElementType) {
    self.storage = storage
    start = UnsafeRawPointer(storage.start)
    layout = Layout(shape)
    self.elementType = elementType
  }

  /// A row-major sample, seen as a traced operation sees it: from `offset` elements on.
  init(_ sample: Tensor, seenAs form: OperandForm, offset: Int) throws(TensorError) {
    let own = try Operand(sample)
    self.init(own.storage, own.start, seenAs: form, offset: own.layout.offset + offset)
  }

  init(_ storage: HostStorage, seenAs form: OperandForm, offset: Int) {
    self.init(storage, UnsafeRawPointer(storage.start), seenAs: form, offset: offset)
  }

  private init(
    _ storage: any Storage, _ start: UnsafeRawPointer, seenAs form: OperandForm, offset: Int
  ) {
    self.storage = storage
    self.start = start
    var layout = form.layout
    layout.offset = offset
    self.layout = layout
    elementType = form.elementType
  }

  /// The first element.
  func elements<E: TensorElement>(as type: E.Type) -> UnsafePointer<E> {
    start.assumingMemoryBound(to: type) + layout.offset
  }
}

extension CPUBackend {
  // Every operation has one line, in its family's file.
  private static let kernels = elementwiseKernels.merging(reductionKernels) { first, _ in first }
    .merging(rowwiseKernels) { first, _ in first }
    .merging(scanKernels) { first, _ in first }
    .merging(indexingKernels) { first, _ in first }
    .merging(sortingKernels) { first, _ in first }
    .merging(productKernels) { first, _ in first }
    .merging(movingKernels) { first, _ in first }
    .merging(randomKernels) { first, _ in first }
    .merging(windowKernels) { first, _ in first }
    .merging(unviewKernels) { first, _ in first }

  static func kernel(for operation: TensorOperation) throws(TensorError) -> Kernel {
    guard let kernel = kernels[operation] else {
      throw TensorError(
        .unsupported,
        "\(operation.name) has no form for the CPU; kernels in GLSL run on Vulkan devices")
    }
    return kernel
  }
}
