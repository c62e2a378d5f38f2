import Benchmark
import Swoop

let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock], timeUnits: .microseconds, warmupIterations: 3,
    maxDuration: .seconds(2), maxIterations: 10_000)
  bandwidth()
  arithmetic()
  calls()
}

/// Operations that memory limits, beside a copy by the processor, on every device.
func bandwidth() {
  let count = 4 << 20
  let source = (0..<count).map { Float($0) }
  let target = UnsafeMutableBufferPointer<Float>.allocate(capacity: count)
  moving("copy by the processor, 4 M float32", bytes: 8 * count) {
    _ = target.update(fromContentsOf: source)
    blackHole(target[count - 1])
  }
  on { device, name in
    let (a, b, c) = try (
      Tensor.random([count], seed: 1, on: device), Tensor.random([count], seed: 2, on: device),
      Tensor.random([count], seed: 3, on: device)
    )
    moving("a * b + c, 4 M float32, \(name)", bytes: 16 * count) { try (a * b + c).blockingWait() }
    moving("sum, 4 M float32, \(name)", bytes: 4 * count) { try a.sum().blockingWait() }
    let rows = try Tensor.random([1024, 1024], in: -4...4, seed: 4, on: device)
    moving("softmax, 1024 x 1024 float32, \(name)", bytes: 8 << 20) {
      try rows.softmax().blockingWait()
    }
  }
}

/// A product that arithmetic limits.
func arithmetic() {
  let metric = BenchmarkMetric.custom("MFLOP/s", polarity: .prefersLarger, useScalingFactor: false)
  on { device, name in
    let size = 512
    let a = try Tensor.random([size, size], in: -1...1, seed: 1, on: device)
    let b = try Tensor.random([size, size], in: -1...1, seed: 2, on: device)
    Benchmark(
      "matmul, 512 x 512 float32, \(name)", configuration: .init(metrics: [.wallClock, metric])
    ) { benchmark in
      let seconds = try timed { try a.matmul(b).blockingWait() }
      benchmark.measurement(metric, Int(2 * Double(size * size * size) / seconds / 1e6))
    }
  }
}

/// What calls of a small operation cost, by path.
func calls() {
  on { device, name in
    let samples = try (0..<256).map { try Tensor.random([256], seed: $0, on: device) }
    let row = try Tensor.random([256], seed: 1_000, on: device)
    Benchmark("add of 256, one call, waited for, \(name)") { _ in
      try (samples[0] + row).blockingWait()
    }
    Benchmark("add of 256, 256 calls per operation, \(name)") { _ in
      let sums = try device.blockingPerOp { try samples.map { try $0 + row } }
      try sums[255].blockingWait()
    }
    Benchmark("add of 256, 256 calls recorded, \(name)") { _ in
      let sums = try device.blockingRecorded { try samples.map { try $0 + row } }
      try sums[255].blockingWait()
    }
    Benchmark("add of 256, 256 calls batched, \(name)") { _ in
      let sums = try device.blockingBatch { try samples.map { try $0 + row } }
      try sums[255].blockingWait()
    }
  }
}

/// A benchmark that also says how many bytes a second the operation reads and writes at least.
func moving(_ name: String, bytes: Int, _ body: @escaping () throws -> Void) {
  let metric = BenchmarkMetric.custom("MB/s", polarity: .prefersLarger, useScalingFactor: false)
  let configuration = Benchmark.Configuration(
    metrics: [.wallClock, metric], units: [metric: .count])
  Benchmark(name, configuration: configuration) { benchmark in
    benchmark.measurement(metric, Int(Double(bytes) / (try timed(body)) / 1e6))
  }
}

/// Seconds that something takes.
func timed(_ body: () throws -> Void) rethrows -> Double {
  let time = try ContinuousClock().measure(body)
  return Double(time.components.seconds) + Double(time.components.attoseconds) * 1e-18
}

/// Declares benchmarks for each device, the processor included.
func on(_ declare: (Device, String) throws -> Void) {
  do {
    for device in try Device.all() { try declare(device, device.name) }
  } catch {
    fatalError("\(error)")
  }
}
