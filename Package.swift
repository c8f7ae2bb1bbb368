// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "swathlog",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.7.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // The system's libcurl; HTTPTransfer is its only importer.
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),

        // The system's expat, which reads XML; ObjectStores is its only importer.
        .systemLibrary(name: "CExpat", pkgConfig: "expat", providers: [.apt(["libexpat1-dev"])]),

        // Digests by vectors and the processor's own instructions; Digests is its only importer.
        .target(name: "CDigests", cSettings: [.unsafeFlags(["-O3", "-fno-strict-aliasing", "-Wall", "-Wextra"])]),

        // libjpeg and libpng behind calls that never unwind into Swift; Imaging is its only importer.
        .target(
            name: "CImaging",
            cSettings: [.unsafeFlags(["-O3", "-fno-strict-aliasing", "-Wall", "-Wextra"])],
            linkerSettings: [.linkedLibrary("jpeg"), .linkedLibrary("png"), .linkedLibrary("z")]
        ),

        // What glibc and the kernel give only to C: reflinks, syncfs, heaps; Files and Threads import it.
        .target(name: "CPosix", cSettings: [.unsafeFlags(["-Wall", "-Wextra"])]),

        // MD5 of many files at once, SHA-256 of short messages.
        .target(name: "Digests", dependencies: ["CDigests", .product(name: "Crypto", package: "swift-crypto")]),

        // Ids, event types, canonical JSON: what an event is. No I/O.
        .target(name: "Events", dependencies: ["Digests"]),

        // The SQL files of the log and of the views, embedded in the binary.
        .target(
            name: "Migrations",
            path: "migrations",
            sources: ["Migrations.swift"],
            resources: [.embedInCode("0001-events.sql"), .embedInCode("0002-checkpoints.sql"), .embedInCode("views")]
        ),

        // Durable file operations.
        .target(
            name: "Files",
            dependencies: ["CPosix", .product(name: "Crypto", package: "swift-crypto")]
        ),

        // Append, read and follow the log, its Merkle tree and checkpoints, its one owner.
        .target(
            name: "EventLog",
            dependencies: [
                "Events",
                "Files",
                "Migrations",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),

        // Probe, decode, cut, turn, encode; EXIF and XMP; footprints.
        .target(
            name: "Imaging",
            dependencies: ["CImaging", "Digests", "Threads", .product(name: "Crypto", package: "swift-crypto")]
        ),

        // Threads of one's own, for work that blocks in the kernel.
        .target(name: "Threads", dependencies: ["CPosix"]),

        // HTTP requests as async calls over one libcurl multi handle.
        .target(name: "HTTPTransfer", dependencies: ["CCurl", "Threads"]),

        // Where objects are read from and put: folders and S3; credentials, request signing.
        .target(
            name: "ObjectStores",
            dependencies: [
                "CExpat",
                "Events",
                "Files",
                "HTTPTransfer",
                "Threads",
                .product(name: "Crypto", package: "swift-crypto"),
            ]
        ),

        // The DVC 3 on-disk format, cache, remotes, git.
        .target(
            name: "DVC",
            dependencies: [
                "Digests",
                "Events",
                "Files",
                "HTTPTransfer",
                "ObjectStores",
                "Threads",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // The projector runtime and the views.
        .target(
            name: "Projections",
            dependencies: [
                "EventLog",
                "Events",
                "Migrations",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // What is in a source, or is announced by a queue, as ObjectObserved and ObjectRemoved events.
        .target(
            name: "Intake",
            dependencies: [
                "EventLog",
                "Events",
                "Files",
                "ObjectStores",
                "Projections",
                "Threads",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        // Fetching, tiling, versioning, pushing, notifying: projectors that act on the world.
        .target(
            name: "Stages",
            dependencies: [
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "HTTPTransfer",
                "Imaging",
                "ObjectStores",
                "Projections",
                "Threads",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),

        // Where anything came from and what became of it; whether the record still holds.
        .target(
            name: "Lineage",
            dependencies: [
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "Projections",
                "Stages",
                "Threads",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),

        // What the agent answers over HTTP: its health and metrics, the API, the page, and pushes of what is in a bucket.
        .target(
            name: "AgentServer",
            dependencies: [
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "Intake",
                "Lineage",
                "Projections",
                "Stages",
                "Threads",
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            resources: [.embedInCode("Web")]
        ),

        // Draws the synthetic survey flight of documentation, tests and benchmarks.
        .target(name: "SampleFlight", dependencies: ["Imaging"]),

        // Argument parsing, configuration, composition.
        .target(
            name: "Commands",
            dependencies: [
                "AgentServer",
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "HTTPTransfer",
                "Imaging",
                "Intake",
                "Lineage",
                "ObjectStores",
                "Projections",
                "SampleFlight",
                "Stages",
                "Threads",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Yams", package: "Yams"),
            ]
        ),

        // The program: its main type and nothing else.
        .executableTarget(
            name: "swathlog",
            dependencies: ["Commands"]
        ),

        // Appends, replays, cuts, lists and fetches, timed.
        .executableTarget(
            name: "swathlog-bench",
            dependencies: [
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "HTTPTransfer",
                "Imaging",
                "Intake",
                "Lineage",
                "ObjectStores",
                "Projections",
                "Stages",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            path: "Sources/Benchmarks",
            exclude: ["Peers"]
        ),

        // Scratch directories and real programs for the tests.
        .target(name: "TestSupport", path: "Tests/TestSupport", exclude: ["moto_server.py"]),

        .testTarget(
            name: "AgentServerTests",
            dependencies: [
                "AgentServer",
                "Intake",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["Python"]
        ),
        .testTarget(
            name: "DVCTests",
            dependencies: [
                "DVC",
                "Events",
                "Files",
                "HTTPTransfer",
                "ObjectStores",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ]
        ),
        .testTarget(
            name: "EventLogTests",
            dependencies: ["EventLog", "Events", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .testTarget(
            name: "EventsTests",
            dependencies: ["Events", "TestSupport", .product(name: "Crypto", package: "swift-crypto")],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(name: "FilesTests", dependencies: ["Files"]),
        .testTarget(
            name: "HTTPTransferTests",
            dependencies: [
                "HTTPTransfer",
                "TestSupport",
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["receiver.py"]
        ),
        .testTarget(
            name: "ImagingTests",
            dependencies: [
                "Digests",
                "Imaging",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Python"]
        ),
        .testTarget(
            name: "IntakeTests",
            dependencies: [
                "EventLog",
                "Events",
                "Files",
                "Intake",
                "Projections",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(name: "KillTests", dependencies: ["TestSupport"], exclude: ["peers"]),
        .testTarget(
            name: "ObjectStoresTests",
            dependencies: [
                "Events",
                "Files",
                "HTTPTransfer",
                "ObjectStores",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Fixtures", "Python"]
        ),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "EventLog", "Events", "Imaging", "TestSupport", .product(name: "Crypto", package: "swift-crypto"),
            ],
            exclude: ["Interposed", "Python"]
        ),
        .testTarget(
            name: "ProjectionsTests",
            dependencies: [
                "EventLog", "Events", "Projections", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "QueueTests",
            dependencies: [
                "Events",
                "HTTPTransfer",
                "Intake",
                "ObjectStores",
                "TestSupport",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["peers"],
            resources: [.copy("Fixtures")]
        ),
        .testTarget(
            name: "SampleFlightTests",
            dependencies: ["Imaging", "SampleFlight", "TestSupport"]
        ),
        .testTarget(
            name: "StagesTests",
            dependencies: [
                "DVC",
                "EventLog",
                "Events",
                "Files",
                "HTTPTransfer",
                "Imaging",
                "Intake",
                "ObjectStores",
                "Projections",
                "Stages",
                "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            exclude: ["peers"]
        ),
        .testTarget(name: "ShippingTests", dependencies: ["TestSupport"]),
        .testTarget(name: "SourcesTests", dependencies: ["TestSupport"], exclude: ["Interposed", "peers"]),
    ],
    swiftLanguageModes: [.v6]
)

/// Targets that touch C check their memory safety strictly.
let touchesC: Set<String> = [
    "Digests", "EventLog", "Files", "HTTPTransfer", "Imaging", "Intake", "ObjectStores", "Projections", "Threads",
]

let writtenInC: Set<String> = ["CDigests", "CImaging", "CPosix"]

for target in package.targets where target.type != .system && !writtenInC.contains(target.name) {
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
