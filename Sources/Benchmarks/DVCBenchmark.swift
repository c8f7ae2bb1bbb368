import Crypto
import DVC
import EventLog
import Events
import Files
import Foundation
import Logging
import ObjectStores
import Projections
import Stages

/// Commits tiles that lie in the cache, and pushes them; then some more tiles, as often as is wanted.
///
/// It goes through the log, the catalog and the versioning stage, as the agent does. The tiles are noise of 4 to 100 KB,
/// written into the cache before the clock starts, as the tiling stage does.
struct DVCBenchmark {
    /// Of the partition that is committed.
    let tiles: Int
    /// That come after the first commit.
    let more: Int
    /// How often they come.
    let increments: Int
    /// The others are in the catalog only.
    let partitions: Int
    /// Where versions are pushed to.
    let remotes: [(url: String, endpoint: String?)]
    let directory: String

    private static let tilesOfAnImage = 100

    func run() async throws -> CanonicalJSON {
        try createDirectories(directory)
        let log = try EventLog.open(path: "\(directory)/log.db", actor: "bench")
        let projector = try Projector(path: "\(directory)/projections.db", log: log, views: [Catalog()])
        let repository = try await DatasetRepository.open(at: "\(directory)/dataset")
        let opened = Remotes(repository: repository.path)
        if let bucket = remotes.first(where: { $0.endpoint != nil }), let endpoint = bucket.endpoint {
            // A remote's options stand in the configuration.
            let text = "['remote \"bench\"']\n    url = \(bucket.url)\n    endpointurl = \(endpoint)\n"
            try writeAtomically(Array(text.utf8), to: "\(repository.path)/.dvc/config.local")
        }
        var flight = TileFlight(cache: repository.cache)
        try await log.append([ProposedEvent(RecipeAdopted(recipe: TileFlight.recipe), stream: .recipe)])
        for partition in 1..<max(1, partitions) {
            try await flight.add(
                tiles,
                to: "other-\(partition)",
                tilesOfAnImage: Self.tilesOfAnImage,
                bytes: false,
                log
            )
        }
        var figures: [String: [Double]] = [:]
        for (step, count) in [("first", tiles)] + Array(repeating: ("more", more), count: increments) {
            func note(_ new: [(String, Double)]) {
                for (name, value) in new { figures[name, default: []].append(value) }
            }
            try await flight.add(count, to: "bench", tilesOfAnImage: min(count, Self.tilesOfAnImage), bytes: true, log)
            try await projector.catchUp()
            sync()
            let catalog = CatalogReader(projector.database)
            let committing = try await timed("\(step)_commit") {
                try await commit(log, catalog, repository, projector)
            }
            note(committing)
            guard let commit = try await catalog.commits().last else { throw BenchmarkFailure("nothing was committed") }
            for (index, remote) in remotes.enumerated() {
                // As before each command of the peer.
                sync()
                let push = try await timed("\(step)_push_\(index)") {
                    _ = try await VersionPush(catalog: catalog, cache: repository.cache).push(
                        commit,
                        to: opened.remote(remote.url),
                        previousWasPushed: true
                    )
                }
                note(push)
            }
            note([("\(step)_git", try await git(repository.path))])
        }
        await opened.close()
        try log.close()
        return CanonicalJSON { for (name, seconds) in figures { $0.set(name, seconds) } }
    }

    /// Seconds on the wall clock, and on the processors with those of the programs that were run.
    private func timed(_ name: String, _ work: () async throws -> Void) async throws -> [(String, Double)] {
        let (began, used) = (ContinuousClock.now, ProcessorTime.ofProcessAndChildren())
        try await work()
        return [
            (name, (ContinuousClock.now - began).seconds),
            (name + "_cpu", ProcessorTime.ofProcessAndChildren() - used),
        ]
    }

    private func commit(
        _ log: EventLog,
        _ catalog: CatalogReader,
        _ repository: DatasetRepository,
        _ projector: Projector
    ) async throws {
        let stage = VersioningStage(
            log: log,
            catalog: catalog,
            context: VersioningStage.Context(
                store: directory,
                repository: repository,
                remote: nil,
                policy: CommitPolicy(quiet: .zero, longest: .zero),
                isIntakeBusy: { false }
            ),
            time: SystemTime(),
            logger: Logger(label: "swathlog.bench")
        )
        let work = WorkList(projector.database)
        guard
            let item = try await work.due("versioning", now: SystemTime().now(), limit: partitions + 1, excluding: [])
                .first(where: { $0.item == "bench" })
        else { throw BenchmarkFailure("there is nothing to commit") }
        _ = try await stage.perform(item)
        try await projector.catchUp()
    }

    /// What git takes for a commit of one small file, by the same commands as a dataset version's.
    private func git(_ repository: String) async throws -> Double {
        func write() throws { try writeAtomically(Array("\(UUID())\n".utf8), to: "\(repository)/note") }
        if try fileInfo("\(repository)/note") == nil {
            try write()
            try run(["add", "--force", "--", "note"], in: repository)
            try run(["commit", "--quiet", "-m", "note", "--", "note"], in: repository)
        }
        try write()
        let began = ContinuousClock.now
        let look = ["status", "--porcelain=v2", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching"]
        for arguments in [
            ["symbolic-ref", "--quiet", "HEAD"], look + ["--", "note"],
            ["-c", "core.fsync=all", "commit", "--quiet", "--only", "-m", "note", "--", "note"],
            ["log", "-1", "--format=%H", "HEAD", "--", "note"],
        ] {
            try run(arguments, in: repository)
        }
        return (ContinuousClock.now - began).seconds
    }

    private func run(_ arguments: [String], in repository: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments =
            ["git", "-C", repository, "-c", "user.name=Bench", "-c", "user.email=bench@localhost"] + arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
    }
}

struct BenchmarkFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Images of a flight whose tiles are noise, as events and as objects of a cache.
private struct TileFlight {
    static let recipe = Recipe(engineRevision: 1, settings: ["tile_size": "512"])

    let cache: DVCCache
    private var images = 0
    private var random = SystemRandomNumberGenerator()
    private let noise: [UInt8]

    init(cache: DVCCache) {
        self.cache = cache
        var random = SystemRandomNumberGenerator()
        noise = (0..<25_000).flatMap { _ in withUnsafeBytes(of: random.next() as UInt64) { Array($0) } }
    }

    /// Adds tiles to a partition: their events, and where `bytes` says so their objects.
    mutating func add(
        _ count: Int,
        to partition: String,
        tilesOfAnImage: Int,
        bytes: Bool,
        _ log: EventLog
    ) async throws {
        let batch = try cache.batch()
        for _ in 0..<max(1, count / tilesOfAnImage) {
            // The index is a file as well.
            let events = try image(of: partition, tiles: tilesOfAnImage - 1, into: bytes ? batch : nil)
            try await log.append(events)
        }
        try batch.commit()
    }

    private mutating func object(into batch: DVCCache.Batch?) throws -> (md5: String, size: Int) {
        let size = Int.random(in: 4_000...100_000, using: &random)
        let start = Int.random(in: 0...noise.count - size, using: &random)
        var bytes = Array(noise[start..<start + size])
        withUnsafeBytes(of: random.next() as UInt64) { bytes.replaceSubrange(0..<8, with: $0) }
        let md5 = hex(Insecure.MD5.hash(data: batch == nil ? Array(bytes.prefix(16)) : bytes))
        try batch?.add(bytes: bytes, md5: md5)
        return (md5, size)
    }

    private mutating func image(
        of partition: String,
        tiles: Int,
        into batch: DVCCache.Batch?
    ) throws -> [ProposedEvent] {
        images += 1
        let observed = ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: "\(partition)/DJI_\(String(images + 1_000_000).dropFirst()).JPG",
            version: String(images),
            size: 8_700_000,
            modifiedAt: Timestamp(microseconds: 1_772_000_000_000_000)
        )
        let object = StreamName.object(observed.objectID)
        let content = Digest(of: observed.objectID.utf8)
        let derivation = StreamName.derivation(Identity.derivation(source: content, recipe: Self.recipe.digest))
        var events = [
            ProposedEvent(observed, stream: object),
            ProposedEvent(ObjectFetched(sha256: content, bytes: observed.size, kept: "reflink"), stream: object),
        ]
        for index in 0..<tiles {
            let (row, column) = index.quotientAndRemainder(dividingBy: 10)
            let (md5, size) = try self.object(into: batch)
            let place = TilePlace(
                row: row,
                column: column,
                x: column * 448,
                y: row * 448,
                width: 512,
                height: 512,
                validWidth: 512,
                validHeight: 512
            )
            let tile = TileWritten(
                name: "000\(row)_000\(column).png",
                place: place,
                edge: "shift",
                affine: [1, 0, Double(place.x), 0, 1, Double(place.y)],
                variant: 0,
                augmentation: nil,
                bytes: size,
                sha256: content,
                md5: md5,
                footprint: nil
            )
            events.append(ProposedEvent(tile, stream: derivation))
        }
        let (md5, size) = try self.object(into: batch)
        let completed = DerivationCompleted(
            sourceSHA256: content,
            recipe: Self.recipe.digest,
            tiles: tiles,
            tileBytes: 5_000_000,
            width: 5_472,
            height: 3_648,
            indexBytes: size,
            indexSHA256: content,
            indexMD5: md5,
            seconds: 0.25
        )
        return events + [ProposedEvent(completed, stream: derivation)]
    }
}
