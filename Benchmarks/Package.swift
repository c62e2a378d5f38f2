// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

// A package of its own: nobody who uses Swoop builds what measures it.
let package = Package(
  name: "Benchmarks",
  dependencies: [
    .package(name: "Swoop", path: ".."),
    // Without what counts allocations, which needs libraries that a machine may not have.
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.0", traits: []),
  ],
  targets: [
    .executableTarget(
      name: "Operations",
      dependencies: [
        .product(name: "Swoop", package: "Swoop"),
        .product(name: "Benchmark", package: "benchmark"),
      ], path: "Benchmarks/Operations", swiftSettings: strict,
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")])
  ])
