import SwoopLab
import VulkanCompute

extension DeviceReport {
  /// The devices for a person.
  func lines(_ style: Style) -> [String] {
    var lines: [String] = []
    for device in devices {
      let isDefault = device.name == defaultDevice && device.index != nil
      let number = device.index.map { "\($0): " } ?? "not usable: "
      lines.append(
        style(.bold, number + device.name) + (isDefault ? style(.green, "  the default") : ""))
      for (title, text) in device.facts where !text.isEmpty {
        let padding = String(repeating: " ", count: max(1, 18 - title.count))
        lines.append("   " + title + padding + text)
      }
      lines.append("")
    }
    if let defaultDevice {
      lines.append("The default is \(defaultDevice): \(reason).")
    } else {
      lines.append("There is no default: \(reason).")
    }
    return lines
  }
}

extension DeviceReport.Entry {
  /// Titles and texts; empty ones say nothing.
  var facts: [(String, String)] {
    var facts = [
      ("kind", kind), ("driver", driver), ("Vulkan", vulkan ?? ""),
      ("lacks", missing.joined(separator: ", ")),
      ("element types", elementTypes.joined(separator: ", ")),
    ]
    guard let capabilities else { return facts }
    facts += capabilities.facts
    return facts
  }
}

extension DeviceCapabilities {
  fileprivate var facts: [(String, String)] {
    let sizes = subgroupSizes
    return [
      ("stores", list([("float16", float16Storage), ("int8", int8Storage)])),
      (
        "computes in",
        list([
          ("float16", float16Arithmetic), ("float32", true), ("float64", float64Arithmetic),
          ("int8", int8Arithmetic), ("int32", true), ("int64", int64Arithmetic),
        ])
      ),
      ("keeps NaNs", keepsNaNs ? "if asked" : "not promised"),
      (
        "subgroups",
        sizes.count == 1
          ? "\(sizes.lowerBound) invocations"
          : "\(sizes.lowerBound) to \(sizes.upperBound) invocations"
      ),
      (
        "workgroups",
        "\(maximumInvocations) invocations, \(bytes(maximumSharedMemory)) shared; at most "
          + maximumWorkgroups.map(NumberText.grouped).joined(separator: " × ")
      ),
      ("push constants", bytes(maximumPushConstants)),
      ("largest piece", bytes(maximumAllocation)),
      (
        "memory",
        heaps.map {
          bytes($0.bytes) + ($0.isLocal ? " its own" : " of the host")
            + ($0.isLocal && $0.isHostVisible ? ", the host sees it" : "")
        }.joined(separator: "; ")
      ),
      (
        "queues",
        queueFamilies.map {
          "\($0.count) \($0.abilities.joined(separator: "+"))" + ($0.isUsed ? " (used)" : "")
        }.joined(separator: "; ")
      ),
      (
        "timestamps",
        queueFamilies.contains { $0.timestampBits > 0 }
          ? "every \(NumberText.significant(timestampPeriod)) ns" : "none"
      ),
      ("matrix units", matrices),
    ]
  }

  private var matrices: String {
    if cooperativeMatrixExtensions.isEmpty { return "none" }
    let shapes = cooperativeMatrices.map {
      "\($0.m)×\($0.n)×\($0.k) \($0.operands) to \($0.result)"
    }
    return (cooperativeMatrixExtensions + shapes).joined(separator: "; ")
  }

  private func list(_ items: [(String, Bool)]) -> String {
    let names = items.filter(\.1).map(\.0)
    return names.isEmpty ? "neither float16 nor int8" : names.joined(separator: ", ")
  }

  private func bytes(_ count: Int) -> String {
    let units = ["B", "KiB", "MiB", "GiB", "TiB"]
    var value = Double(count)
    var unit = 0
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    // Where the driver says no limit.
    if count >= Int.max / 2 { return "without limit" }
    return "\(NumberText.significant(value)) \(units[unit])"
  }
}
