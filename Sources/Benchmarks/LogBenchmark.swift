import EventLog
import Events
import Foundation
import Projections

/// Appends and replays a log in a directory of its own.
struct LogBenchmark {
    /// Events that the smallest and the largest view replay.
    let events: Int
    let catalogEvents: Int

    func run() async throws -> [Measurement] {
        let directory = FileManager.default.temporaryDirectory.appending(path: "swathlog-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        var results: [Measurement] = []
        for (batch, count) in [(1, 2_000), (10, 20_000), (100, 100_000), (1_000, 300_000)] {
            results.append(try await append(count, batch: batch, in: directory.appending(path: "batch-\(batch)")))
        }
        results.append(try await appendTogether(20_000, writers: 64, in: directory.appending(path: "writers")))
        results.append(try await replay(events, Activity(), in: directory.appending(path: "activity")))
        results.append(try await replay(catalogEvents, Catalog(), in: directory.appending(path: "catalog")))
        return results
    }

    private func append(_ count: Int, batch: Int, in directory: URL) async throws -> Measurement {
        try await withLog(in: directory) { log in
            let batches = Flight().batches(of: batch, upTo: count)
            return try await .of("append, \(batch) at a time", events: count) {
                for events in batches { try await log.append(events) }
            }
        }
    }

    private func appendTogether(_ count: Int, writers: Int, in directory: URL) async throws -> Measurement {
        try await withLog(in: directory) { log in
            let batches = Flight().batches(of: 1, upTo: count)
            return try await .of("append, 1 at a time, \(writers) writers", events: count) {
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
        }
    }

    private func replay(_ count: Int, _ view: some View, in directory: URL) async throws -> Measurement {
        try await withLog(in: directory) { log in
            var flight = Flight()
            var left = count
            while left > 0 {
                try await log.append(flight.next(min(left, 5_000)))
                left -= 5_000
            }
            let path = directory.appending(path: "projections.db").path
            let projector = try Projector(path: path, log: log, views: [view])
            return try await .of("replay, \(view.name)", events: count) { try await projector.catchUp() }
        }
    }

    private func withLog(
        in directory: URL,
        _ body: (EventLog) async throws -> Measurement
    ) async throws -> Measurement {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let log = try EventLog.open(path: directory.appending(path: "log.db").path, actor: "bench")
        let result = try await body(log)
        try log.close()
        return result
    }
}

/// The events of an endless flight: each photograph is seen, fetched and cut into 104 tiles.
private struct Flight {
    private var photographs = 0
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

    private mutating func photograph() {
        photographs += 1
        let observed = ObjectObserved(
            source: "folder",
            bucket: "/srv/flights",
            key: "north-field/2026-03-01/DJI_\(photographs).JPG",
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
        for index in 0..<104 {
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
                sha256: content,
                md5: hex(content.bytes.prefix(16)),
                footprint: nil
            )
            pending.append(ProposedEvent(tile, stream: derivation))
        }
        let completed = DerivationCompleted(
            sourceSHA256: content,
            recipe: recipe.digest,
            tiles: 104,
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
