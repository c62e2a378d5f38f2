import SwoopCore
import VulkanBackend
let backends = try VulkanDevices.all()
for b in backends { print(b.name, b.rank) }
let b = backends[0]
func t(_ n: Int, _ s: Shape) throws -> Tensor { try Tensor((0..<n).map { Float($0) / Float(n) - 0.3 }, shape: s, backend: b) }
let x = try t(6, [2, 3]), y = try t(3, [3])
print(try (x + y).blockingArray(as: Float.self))
print(try (x + 1).exp().blockingArray(as: Float.self))
print(try x.sum(0).blockingArray(as: Float.self), try x.mean().blockingArray(as: Float.self), try x.argmax(1).blockingArray(as: Int32.self))
print(try x.softmax().blockingArray(as: Float.self))
print(try x.transposed().blockingArray(as: Float.self))
let w = try t(12, [3, 4])
print(try x.matmul(w).blockingArray(as: Float.self))
print(try x.linear(w, bias: try t(4, [4]), activation: .relu).blockingArray(as: Float.self))
print(b.device.counters)
try Device(b).blockingPerOp {
  for _ in 0..<5 { _ = try (x + y).blockingArray(as: Float.self) }
  print(b.device.counters)
}
