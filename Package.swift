// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "SwiftNN",
  products: [
    .library(name: "SwiftNN", targets: ["SwiftNN"]),
    .library(name: "swiftnn", type: .dynamic, targets: ["SwiftNNExports"]),
  ],
  targets: [
    .target(name: "CKernels"),
    .systemLibrary(name: "CSwiftNN", path: "include"),
    .target(name: "SwiftNN", dependencies: ["CKernels"]),
    .target(name: "SwiftNNExports", dependencies: ["SwiftNN", "CSwiftNN"]),
    .executableTarget(name: "swiftnn-generate", dependencies: ["SwiftNN"]),
    .testTarget(name: "SwiftNNTests", dependencies: ["SwiftNN"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu11
)
