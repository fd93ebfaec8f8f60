// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "SwiftNNExamples",
  dependencies: [.package(name: "SwiftNN", path: "../..")],
  targets: [
    .executableTarget(name: "digits", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "tour", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "functions", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "sequences", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "optimizers", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "pictures", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "loader", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "data", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "fit", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "quickstart", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
    .executableTarget(name: "line", dependencies: [.product(name: "SwiftNN", package: "SwiftNN")]),
  ]
)
