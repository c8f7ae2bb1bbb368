import Events
import Foundation
import Imaging
import Synchronization

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Cuts images as the tiling stage does, but for the log: read, digest, decode, cut, encode, digest, write.
struct CutBenchmark {
    /// What is measured, by the name that the table has for it.
    static let recipes: [String: [String: String]] = [
        "png-fast": [:],
        "png-balanced": ["png_compression": "balanced"],
        "png-small": ["png_compression": "small"],
        "jpeg": ["tile_format": "jpeg"],
        "jpeg-lossless": ["tile_format": "jpeg-lossless"],
        "png-augment": [
            "augment":
                "flip-horizontal p=0.5; rotate-90 p=0.5; contrast p=0.5 factor=0.8..1.2; brightness p=0.5 delta=-0.2..0.2",
            "variants": "1", "plain_tiles": "omit",
        ],
    ]

    let mode: String
    let images: [String]
    let workers: Int
    let out: String

    /// The result as one JSON object.
    func run() async throws -> CanonicalJSON {
        guard let recipe = Self.recipes[mode] else {
            throw BenchmarkError(
                "there is no mode \(mode); there are \(Self.recipes.keys.sorted().joined(separator: ", "))"
            )
        }
        let settings = try TilingSettings(values: recipe)
        let crew = TileCrew(workers: workers)
        let total = Mutex(Sums())
        let out = out
        let clock = ContinuousClock()
        let before = processorTime()
        let start = clock.now
        // As many at once as the stage has in flight.
        let inFlight = min(workers, max(2, (workers + 2) / 3))
        try await withThrowingTaskGroup(of: TilingResult.self) { group in
            for (index, image) in images.enumerated() {
                if index >= inFlight, let result = try await group.next() { total.withLock { $0 += result } }
                group.addTask {
                    try await Self.onOwnThread {
                        try Self.cut(image, to: "\(out)/\(index)", settings: settings, crew: crew)
                    }
                }
            }
            for try await result in group { total.withLock { $0 += result } }
        }
        let wall = clock.now - start
        let used = processorTime() - before
        let sums = total.withLock { $0 }
        return CanonicalJSON {
            $0.set("mode", mode)
            $0.set("images", images.count)
            $0.set("megapixels", Double(sums.pixels) / 1e6)
            $0.set("wall", wall.seconds)
            $0.set("cpu", used.seconds)
            $0.set("rss_mb", peakMegabytes())
            $0.set("tiles", sums.tiles)
            $0.set("bytes", sums.bytes)
        }
    }

    private static func cut(
        _ path: String,
        to directory: String,
        settings: TilingSettings,
        crew: TileCrew
    ) throws -> TilingResult {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let image = try ImageFile(path: path)
        let source = image.sha256
        let metadata = ImageMetadata.read(image.bytes)
        let orientation = metadata.orientation.flatMap(Orientation.init(rawValue:)) ?? .up
        let seed = AugmentationSeed(source: source, recipe: [])
        return try Tiler.cut(
            image,
            as: Appearance(orientation: orientation, profile: metadata.profile, seed: seed),
            settings: settings,
            crew: crew
        ) { tile in
            guard case .made(let tile) = tile else { return }
            let name = "\(directory)/\(tile.window.row)_\(tile.window.column).\(settings.encoding.fileExtension)"
            try write(tile.bytes, to: name)
        }
    }

    private static func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
        guard descriptor >= 0 else { throw BenchmarkError("\(path) can't be written") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
            throw BenchmarkError("\(path) can't be written whole")
        }
    }

    private static func onOwnThread<Value: Sendable>(
        _ body: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result(catching: body)) }.start()
        }
    }

    private func processorTime() -> Duration {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    private func peakMegabytes() -> Double {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return Double(usage.ru_maxrss) / 1024
    }
}

private struct Sums {
    var tiles = 0
    var bytes = 0
    var pixels = 0

    static func += (sums: inout Sums, result: TilingResult) {
        sums.tiles += result.tiles
        sums.bytes += result.tileBytes
        sums.pixels += result.info.width * result.info.height
    }
}

struct BenchmarkError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
