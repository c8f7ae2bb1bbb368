// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "swathlog",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // Ids, event types, canonical JSON: what an event is. No I/O.
        .target(
            name: "Events",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")]),

        // The SQL files of the log and of the views, embedded in the binary.
        .target(
            name: "Migrations",
            path: "migrations",
            sources: ["Migrations.swift"],
            resources: [.embedInCode("0001-events.sql"), .embedInCode("views")]),

        // Append, read and follow the log, its Merkle tree, its one owner.
        .target(
            name: "EventLog",
            dependencies: [
                "Events",
                "Migrations",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]),

        // The projector runtime and the views.
        .target(
            name: "Projections",
            dependencies: [
                "EventLog",
                "Events",
                "Migrations",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),

        .testTarget(name: "EventsTests", dependencies: ["Events"]),
        .testTarget(
            name: "EventLogTests",
            dependencies: ["EventLog", "Events", .product(name: "GRDB", package: "GRDB.swift")]),
    ],
    swiftLanguageModes: [.v6]
)

/// Targets that touch C check their memory safety strictly.
let touchesC: Set<String> = []

for target in package.targets where target.type != .system {
    var settings: [SwiftSetting] = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InferIsolatedConformances"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .treatAllWarnings(as: .error),
    ]
    if touchesC.contains(target.name) { settings.append(.strictMemorySafety()) }
    target.swiftSettings = settings
}
