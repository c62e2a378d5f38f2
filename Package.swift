// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "Swoop",
  products: [
    .library(name: "Swoop", targets: ["Swoop"]),
    .library(name: "TensorFiles", targets: ["TensorFiles"]),
    .library(name: "DigitsData", targets: ["DigitsData"]),
    .executable(name: "BatchVsThread", targets: ["BatchVsThread"]),
    .executable(name: "Digits", targets: ["Digits"]),
    .executable(name: "Trees", targets: ["Trees"]),
    .executable(name: "swoop", targets: ["SwoopCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.0"),
  ],
  targets: [
    // C headers and link lines.
    .systemLibrary(name: "CVulkan"),
    .systemLibrary(name: "CShaderc"),
    .systemLibrary(name: "COpenBLAS"),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CZlib"),

    // Vulkan in Swift, GLSL to SPIR-V, the GLSL, and the tensor graph.
    .target(
      name: "VulkanCompute",
      dependencies: ["CVulkan", .product(name: "DequeModule", package: "swift-collections")],
      swiftSettings: strict),
    .target(name: "ShaderCompiler", dependencies: ["CShaderc"], swiftSettings: strict),
    .target(
      name: "Kernels", path: "Kernels", resources: [.embedInCode("GLSL")], swiftSettings: strict),
    .target(
      name: "SwoopCore",
      dependencies: [
        "CLinux", .product(name: "RealModule", package: "swift-numerics"),
        .product(name: "DequeModule", package: "swift-collections"),
      ], swiftSettings: strict),

    // npy, npz and safetensors.
    .target(name: "TensorFiles", dependencies: ["CZlib"], swiftSettings: strict),

    // What runs operations.
    .target(
      name: "VulkanBackend",
      dependencies: ["SwoopCore", "VulkanCompute", "ShaderCompiler", "Kernels"],
      swiftSettings: strict),
    .target(
      name: "CPUBackend",
      dependencies: [
        "SwoopCore", "COpenBLAS", .product(name: "RealModule", package: "swift-numerics"),
      ], swiftSettings: strict),

    // The face, and the laboratory.
    .target(
      name: "Swoop", dependencies: ["SwoopCore", "VulkanBackend", "CPUBackend", "TensorFiles"],
      swiftSettings: strict),
    .target(name: "SwoopLab", dependencies: ["TensorFiles"], swiftSettings: strict),

    // The reference in double precision and the table of cases: of the tests, and of `swoop check`.
    .target(
      name: "SwoopCheck",
      dependencies: [
        "Swoop", "VulkanBackend", "COpenBLAS",
        .product(name: "RealModule", package: "swift-numerics"),
      ], swiftSettings: strict),
    .executableTarget(
      name: "SwoopCommand",
      dependencies: [
        "Swoop", "SwoopCheck", "SwoopLab", "VulkanBackend", "VulkanCompute",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),

    .executableTarget(
      name: "BatchVsThread",
      dependencies: [
        "Swoop", "SwoopLab", "DigitsData",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Examples/BatchVsThread", swiftSettings: strict),
    .target(
      name: "DigitsData", dependencies: ["TensorFiles"], path: "Examples/DigitsData",
      exclude: ["Data"], swiftSettings: strict),
    .executableTarget(
      name: "Digits",
      dependencies: [
        "Swoop", "SwoopLab", "DigitsData",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Examples/Digits", swiftSettings: strict),
    .executableTarget(
      name: "Trees",
      dependencies: [
        "Swoop", "SwoopLab", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "RealModule", package: "swift-numerics"),
      ], path: "Examples/Trees", swiftSettings: strict),

    // Run by tests in a process of its own.
    .executableTarget(
      name: "Endurance",
      dependencies: [
        "Swoop", "VulkanBackend",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], path: "Tests/Endurance", swiftSettings: strict),

    // The programs that the README and the tutorial have the reader write.
    .executableTarget(
      name: "ReadmeProgram", dependencies: ["Swoop"], path: "Tests/ReadmeProgram",
      swiftSettings: strict),
    .executableTarget(
      name: "TutorialProgram", dependencies: ["Swoop", "DigitsData"], path: "Tests/TutorialProgram",
      swiftSettings: strict),

    .testTarget(
      name: "ShaderCompilerTests", dependencies: ["ShaderCompiler"], swiftSettings: strict),
    .testTarget(
      name: "TensorFilesTests", dependencies: ["TensorFiles", "CZlib"], swiftSettings: strict),
    .testTarget(
      name: "SwoopLabTests", dependencies: ["SwoopLab", "TensorFiles"], swiftSettings: strict),
    .testTarget(name: "SwoopCoreTests", dependencies: ["SwoopCore"], swiftSettings: strict),
    .testTarget(
      name: "VulkanComputeTests", dependencies: ["VulkanCompute", "ShaderCompiler"],
      swiftSettings: strict),
    .testTarget(
      name: "SwoopTests",
      dependencies: [
        "Swoop", "SwoopCheck", "VulkanBackend", "TensorFiles",
        .product(name: "RealModule", package: "swift-numerics"),
      ], swiftSettings: strict),
    .testTarget(
      name: "DocumentationTests", dependencies: ["Swoop", "ReadmeProgram", "TutorialProgram"],
      swiftSettings: strict),
    .testTarget(
      name: "DigitsTests", dependencies: ["Digits", "DigitsData", "Swoop", "TensorFiles"],
      swiftSettings: strict),
    .testTarget(
      name: "SwoopCommandTests",
      dependencies: [
        "Swoop", "SwoopCheck", "SwoopCommand", "SwoopLab",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: strict),
    .testTarget(
      name: "TreesTests", dependencies: ["Trees", "Swoop", "SwoopLab", "VulkanBackend"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
