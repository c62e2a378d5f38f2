/// Why a kernel is not given to the driver.
public struct KernelObstacle: Hashable, Sendable {
  /// Whether another device might take it; otherwise it breaks the kernel contract.
  public let isOfDevice: Bool
  /// The rest of a sentence that begins with the kernel's name.
  public let text: String

  init(_ text: String, isOfDevice: Bool = false) {
    self.text = text
    self.isOfDevice = isOfDevice
  }
}

extension PhysicalDevice {
  /// Bytes of variables that one invocation may have. Software drivers keep them on a thread's
  /// stack, those of many invocations at a time, and no driver says how much it has.
  static let invocationMemory = 16 << 10

  /// What keeps a kernel from being given to this device's driver; nil if nothing.
  /// - Parameters:
  ///   - constants: specialisation constants 0, 1, 2, …
  ///   - workgroup: the invocations of a workgroup that the grid is made for.
  public func obstacle(
    to spirv: [UInt32], constants: [UInt32], workgroup: Int
  ) -> KernelObstacle? {
    guard let module = KernelModule(spirv, constants: constants) else {
      return KernelObstacle("is not SPIR-V")
    }
    return module.contractObstacle(workgroup: workgroup) ?? limitObstacle(module)
  }

  private func limitObstacle(_ module: KernelModule) -> KernelObstacle? {
    for capability in module.capabilities where !accepts(capability) {
      return KernelObstacle(
        "needs \(KernelModule.name(ofCapability: capability)), which kernels have not on \(name)",
        isOfDevice: true)
    }
    guard let shared = module.bytes(in: .workgroup) else {
      return KernelObstacle("has shared memory of a size that cannot be told before it runs")
    }
    guard shared <= maximumSharedMemory else {
      return KernelObstacle(
        "has \(KernelModule.count(shared)) of shared memory; \(name) has \(maximumSharedMemory)",
        isOfDevice: true)
    }
    guard let own = module.bytes(in: .privateMemory), let local = module.bytes(in: .function),
      own < Int.max - max(local, 0), own + local <= PhysicalDevice.invocationMemory
    else {
      return KernelObstacle(
        "has more than \(PhysicalDevice.invocationMemory) bytes of variables an invocation, the "
          + "most there may be")
    }
    return nil
  }

  /// Whether a kernel may use a capability of SPIR-V: whether the device has it, and was opened
  /// with it.
  private func accepts(_ capability: UInt32) -> Bool {
    switch capability {
    // Matrix, Shader, PhysicalStorageBufferAddresses.
    case 0, 1, 5347: true
    case 10: supportsFloat64
    // SignedZeroInfNanPreserve, for 32 bits.
    case 4466: keepsNaNs
    // What subgroups can do, as the bits of VkSubgroupFeatureFlagBits.
    case 61...68: subgroupOperations >> (capability - 61) & 1 == 1
    default: false
    }
  }
}

extension KernelModule {
  /// What in the module is against the kernel contract: one push constant, the address of the
  /// argument block; no descriptors; the workgroup that was asked for.
  fileprivate func contractObstacle(workgroup wanted: Int) -> KernelObstacle? {
    // 5 is GLCompute.
    guard entryPoints.count == 1, entryPoints[0].model == 5, entryPoints[0].name == "main" else {
      return KernelObstacle("has no entry point main for computing")
    }
    for variable in variables {
      switch Storage(rawValue: variable.storage) {
      case .uniformConstant, .uniform, .image, .atomicCounter, .storageBuffer:
        return KernelObstacle(
          "declares a descriptor\(place(of: variable.id)); a kernel takes none, since what it reads "
            + "and writes is in the argument block (Common.glsl)")
      default: continue
      }
    }
    if let obstacle = pushObstacle { return obstacle }
    guard let size = workgroup, size == [UInt32(wanted), 1, 1] else {
      let size = workgroup.map { $0.map(String.init).joined(separator: " × ") } ?? "unknown size"
      return KernelObstacle(
        "has workgroups of \(size), and \(wanted) were asked for; layout(local_size_x_id = 0) in; "
          + "takes what is asked for")
    }
    return nil
  }

  private var pushObstacle: KernelObstacle? {
    let pushed = variables.filter { $0.storage == Storage.pushConstant.rawValue }
    guard let variable = pushed.first, used.contains(variable.id) else {
      return KernelObstacle(
        "never looks at the argument block, so it can neither read an operand nor write the result; "
          + "include Common.glsl and begin with Block(blockAddress)")
    }
    guard pushed.count == 1, let bytes = bytes(in: .pushConstant), bytes <= 8 else {
      let bytes = bytes(in: .pushConstant).map { KernelModule.count($0) } ?? "an unknown number"
      return KernelObstacle(
        "has \(bytes) of push constants; there are 8, the address of the argument block")
    }
    return nil
  }

  private func place(of id: UInt32) -> String {
    let descriptor = descriptors[id]
    let parts = [
      descriptor?.set.map { "set \($0)" }, descriptor?.binding.map { "binding \($0)" },
      names[id].flatMap { $0.isEmpty ? nil : "named \($0)" },
    ].compactMap { $0 }
    return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
  }

  static func count(_ bytes: Int) -> String {
    bytes == .max ? "more bytes than can be counted" : "\(bytes) bytes"
  }

  /// The specification's name of those that GLSL is likely to ask for.
  static func name(ofCapability capability: UInt32) -> String {
    let names: [UInt32: String] = [
      9: "Float16", 10: "Float64", 11: "Int64", 12: "Int64Atomics", 22: "Int16", 39: "Int8",
      61: "GroupNonUniform", 62: "GroupNonUniformVote", 63: "GroupNonUniformArithmetic",
      64: "GroupNonUniformBallot", 65: "GroupNonUniformShuffle",
      66: "GroupNonUniformShuffleRelative", 67: "GroupNonUniformClustered",
      68: "GroupNonUniformQuad", 4433: "StorageBuffer16BitAccess", 4448: "StorageBuffer8BitAccess",
      4466: "SignedZeroInfNanPreserve", 5345: "VulkanMemoryModel",
      5357: "CooperativeMatrixNV", 6033: "AtomicFloat32AddEXT",
    ]
    return names[capability].map { "the capability \($0)" } ?? "SPIR-V's capability \(capability)"
  }
}
