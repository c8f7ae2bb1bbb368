import EventLog
import Events
import Foundation
import Lineage
import Projections

/// Appends to logs in a directory of its own, beside raw SQLite; then replays, verifies, opens and asks one of them.
struct LogBenchmark {
    /// Events of the log that is replayed.
    let events: Int

    private static let writers = [1, 4, 16, 64]
    /// Events of a run, by the size of a batch: a second's work or two.
    private static let batches = [(size: 1, events: 1_500), (10, 15_000), (100, 60_000), (1_000, 150_000)]

    func run(_ report: (Measurement) -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "swathlog-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        for isFull in [true, false] {
            for (size, count) in Self.batches {
                let name = "append, \(size) at a time, \(isFull ? "FULL" : "NORMAL")"
                let batches = Flight().batches(of: size, upTo: count)
                let path = directory.appending(path: "append.db").path
                for writers in Self.writers {
                    let title = "\(name), \(writers) \(writers == 1 ? "writer" : "writers")"
                    report(try await append(title, batches, writers: writers, isFull: isFull, to: path))
                }
                report(
                    try await .rate("\(name), raw SQLite", events: count) {
                        try RawLog(path: path, isFull: isFull).append(batches)
                    }
                )
                try remove(path)
            }
        }
        try await whole(in: directory, report)
    }

    private func append(
        _ name: String,
        _ batches: [[ProposedEvent]],
        writers: Int,
        isFull: Bool,
        to path: String
    ) async throws -> Measurement {
        let log = try EventLog.open(path: path, actor: "bench", synchronous: isFull ? .full : .normal)
        let result = try await Measurement.rate(name, events: batches.reduce(0) { $0 + $1.count }) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        for index in stride(from: writer, to: batches.count, by: writers) {
                            try await log.append(batches[index])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        try log.close()
        try remove(path)
        return result
    }

    private func remove(_ path: String) throws {
        for name in [path, "\(path)-wal", "\(path)-shm"] where FileManager.default.fileExists(atPath: name) {
            try FileManager.default.removeItem(atPath: name)
        }
    }

    /// All that is measured of one log.
    private func whole(in directory: URL, _ report: (Measurement) -> Void) async throws {
        let path = directory.appending(path: "log.db").path
        let projections = directory.appending(path: "projections.db").path
        var flight = Flight()
        do {
            let log = try EventLog.open(path: path, actor: "bench", synchronous: .normal)
            var left = events
            while left > 0 {
                try await log.append(flight.next(min(left, 5_000)))
                left -= 5_000
            }
            try await log.append(flight.last(tiles: Flight.tilesOfLast))
            try log.close()
        }
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        let log = try EventLog.openForReading(path: path)
        let count = log.headPosition
        report(Measurement(name: "log.db", value: .bytes(Double(size) / Double(count))))
        let activity = try Projector(temporaryOf: log, views: [Activity()])
        report(try await .rate("replay, the smallest view", events: count) { try await activity.catchUp() })
        let catalog = try Projector(path: projections, log: log, views: [Catalog()])
        report(try await .rate("replay, the catalog", events: count) { try await catalog.catchUp() })
        report(try await .rate("verify", events: count) { _ = try await log.verify(rootsAt: []) })
        try log.close()
        report(
            try await .seconds("cold start, \(count) events") {
                let log = try EventLog.open(path: path, actor: "bench")
                let projector = try Projector(path: projections, log: log, views: [Catalog()])
                try await projector.catchUp()
                try log.close()
            }
        )
        try await ask(path, projections, flight, report)
    }

    /// Lineage of single tiles, and of the object that has the most.
    private func ask(
        _ path: String,
        _ projections: String,
        _ flight: Flight,
        _ report: (Measurement) -> Void
    ) async throws {
        let log = try EventLog.openForReading(path: path)
        let views = try await ViewsReader.open(path: projections, log: log, views: [Catalog()])
        let lineage = Lineage(log: log, database: views.database)
        let middle = max(1, flight.photographs / 2)
        let tile = "\(Flight.key(middle))/3_7.png"
        let digest = hex(Flight.digest(middle, 46).bytes)
        report(try await .seconds("lineage of a tile, by path") { _ = try await lineage.answer(tile) })
        report(try await .seconds("lineage of a tile, by digest") { _ = try await lineage.answer(digest) })
        let most = Flight.key(flight.photographs)
        report(
            try await .seconds("lineage of an object with \(Flight.tilesOfLast) tiles, listed") {
                _ = try await lineage.tiles(of: try await lineage.answer(most).subject)
            }
        )
    }
}

/// The events of an endless flight: each photograph is seen, fetched and cut into 104 tiles.
struct Flight {
    static let tilesOfLast = 10_000
    private(set) var photographs = 0
    private var pending: [ProposedEvent] = []
    private let recipe = Recipe(engineRevision: 1, settings: ["tile_size": "512"])

    init() {
        pending = [ProposedEvent(RecipeAdopted(recipe: recipe), stream: .recipe)]
    }

    mutating func next(_ count: Int) -> [ProposedEvent] {
        while pending.count < count { photograph() }
        defer { pending.removeFirst(count) }
        return Array(pending.prefix(count))
    }

    func batches(of size: Int, upTo count: Int) -> [[ProposedEvent]] {
        var flight = self
        return (0..<count / size).map { _ in flight.next(size) }
    }

    /// What is pending, and one more photograph, of many tiles.
    mutating func last(tiles: Int) -> [ProposedEvent] {
        photograph(tiles: tiles)
        defer { pending = [] }
        return pending
    }

    static func key(_ photograph: Int) -> String { "north-field/2026-03-01/DJI_\(photograph).JPG" }

    /// As different as those of photographs are: an index over them is written to at as many places.
    static func digest(_ photograph: Int, _ tile: Int) -> Digest { Digest(of: "\(photograph)/\(tile)".utf8) }

    private mutating func photograph(tiles: Int = 104) {
        photographs += 1
        let observed = ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: Self.key(photographs),
            version: String(1_772_000_000_000_000_000 + photographs),
            size: 8_700_000 + photographs,
            modifiedAt: Timestamp(microseconds: 1_772_000_000_000_000)
        )
        let object = StreamName.object(observed.objectID)
        let content = Digest(of: observed.objectID.utf8)
        let derivation = StreamName.derivation(Identity.derivation(source: content, recipe: recipe.digest))
        pending.append(ProposedEvent(observed, stream: object))
        pending.append(
            ProposedEvent(ObjectFetched(sha256: content, bytes: observed.size, kept: "reflink"), stream: object)
        )
        pending.append(
            ProposedEvent(
                DerivationStarted(
                    object: observed.objectID,
                    sourceSHA256: content,
                    recipe: recipe.digest,
                    engineRevision: 1,
                    host: "bench"
                ),
                stream: derivation
            )
        )
        for index in 0..<tiles {
            let digest = Self.digest(photographs, index)
            let (row, column) = index.quotientAndRemainder(dividingBy: 13)
            let (x, y) = (column * 448, row * 448)
            let tile = TileWritten(
                name: "\(row)_\(column).png",
                place: TilePlace(
                    row: row,
                    column: column,
                    x: x,
                    y: y,
                    width: 512,
                    height: 512,
                    validWidth: 512,
                    validHeight: 512
                ),
                edge: "shift",
                affine: [1, 0, Double(x), 0, 1, Double(y)],
                variant: 0,
                augmentation: nil,
                bytes: 580_000 + index,
                sha256: digest,
                md5: hex(digest.bytes.suffix(16)),
                footprint: nil
            )
            pending.append(ProposedEvent(tile, stream: derivation))
        }
        let completed = DerivationCompleted(
            sourceSHA256: content,
            recipe: recipe.digest,
            tiles: tiles,
            tileBytes: 60_000_000,
            width: 5_472,
            height: 3_648,
            indexBytes: 30_000,
            indexSHA256: content,
            indexMD5: hex(content.bytes.prefix(16)),
            seconds: 0.25
        )
        pending.append(ProposedEvent(completed, stream: derivation))
    }
}
