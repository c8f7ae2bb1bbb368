import ArgumentParser
import EventLog
import Events
import Foundation
import Imaging
import Projections
import Stages

/// Plans re-derivations of a store of many images: all cut anew, and all linked to what was cut before.
struct PlanBenchmark {
    /// Images in the store, in ten partitions.
    let objects: Int

    /// Of an image, which the settings cut into six tiles.
    private static let size = (width: 1_408, height: 960)
    private static let tiles = 6

    func run() async throws -> CanonicalJSON {
        let root = FileManager.default.temporaryDirectory.appending(path: "swathlog-bench-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let paths = StorePaths(root: root)
        let (before, now, next) = (try Self.recipe("512"), try Self.recipe("576"), try Self.recipe("256"))
        let log = try EventLog.open(path: paths.log, actor: "bench", synchronous: .normal)
        try await fill(log, before, now)
        let projector = try Projector(path: paths.projections, log: log, views: [Catalog()])
        let folding = try await ContinuousClock().measure { try await projector.catchUp() }
        let planner = ReprocessPlanner(catalog: CatalogReader(projector.database), paths: paths, workers: 2)
        // Folding took more than planning may: the peak is counted anew from here (5 in clear_refs of proc(5)).
        try "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8)
        let memory = Self.peakMemory()
        let clock = ContinuousClock()
        var start = clock.now
        let anew = try await planner.plan(next, scope: ReprocessScope())
        let planning = clock.now - start
        let memoryOfPlan = Self.peakMemory() - memory
        start = clock.now
        let linked = try await planner.plan(before, scope: ReprocessScope())
        let linking = clock.now - start
        guard anew.toCut == objects, linked.toLink == objects, anew.partitions.count == min(10, objects) else {
            throw ValidationError("the plan is not of this store: \(anew.json.text) \(linked.json.text)")
        }
        let events = log.headPosition
        try log.close()
        return CanonicalJSON {
            $0.set("objects", objects)
            $0.set("events", events)
            $0.set("folding_seconds", folding.seconds)
            $0.set("planning_seconds", planning.seconds)
            $0.set("planning_peak_bytes", memoryOfPlan)
            $0.set("linking_seconds", linking.seconds)
        }
    }

    private static func recipe(_ size: String) throws -> Recipe {
        let settings = try TilingSettings(values: ["tile_size": size, "tile_overlap": "64"])
        return Recipe(engineRevision: engineRevision, settings: settings.values)
    }

    /// The most that this process has had in memory, in bytes (`VmHWM` of proc(5)).
    private static func peakMemory() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") } ?? ""
        return (Int(line.filter(\.isNumber)) ?? 0) * 1_024
    }

    private func fill(_ log: EventLog, _ recipes: Recipe...) async throws {
        for recipe in recipes {
            var events = [ProposedEvent(RecipeAdopted(recipe: recipe), stream: .recipe)]
            for number in 0..<objects {
                if recipe == recipes[0] { events += Self.observed(number) }
                events += Self.derived(number, recipe)
                guard events.count > 5_000 || number == objects - 1 else { continue }
                try await log.append(events)
                events = []
            }
        }
    }

    private static func object(_ number: Int) -> ObjectObserved {
        ObjectObserved(
            source: "s3",
            bucket: "flights",
            key: "field-\(number % 10)/2026-03-01/DJI_\(number).JPG",
            version: String(1_772_000_000_000_000_000 + number),
            size: 8_700_000 + number,
            modifiedAt: Timestamp(microseconds: 1_772_000_000_000_000)
        )
    }

    private static func content(_ number: Int) -> Digest { Digest(of: "\(number)".utf8) }

    private static func observed(_ number: Int) -> [ProposedEvent] {
        let observed = object(number)
        let fetched = ObjectFetched(sha256: content(number), bytes: observed.size, kept: "copy")
        return [
            ProposedEvent(observed, stream: .object(observed.objectID)),
            ProposedEvent(fetched, stream: .object(observed.objectID)),
        ]
    }

    private static func derived(_ number: Int, _ recipe: Recipe) -> [ProposedEvent] {
        let source = content(number)
        let stream = StreamName.derivation(Identity.derivation(source: source, recipe: recipe.digest))
        let started = DerivationStarted(
            object: object(number).objectID,
            sourceSHA256: source,
            recipe: recipe.digest,
            engineRevision: recipe.engineRevision,
            host: "bench"
        )
        let completed = DerivationCompleted(
            sourceSHA256: source,
            recipe: recipe.digest,
            tiles: tiles,
            tileBytes: tiles * 500_000,
            width: size.width,
            height: size.height,
            indexBytes: 3_000,
            indexSHA256: source,
            indexMD5: hex(source.bytes.prefix(16)),
            seconds: 0.05
        )
        return [ProposedEvent(started, stream: stream)]
            + (0..<tiles).map { ProposedEvent(tile($0, of: number, recipe), stream: stream) }
            + [ProposedEvent(completed, stream: stream)]
    }

    private static func tile(_ index: Int, of number: Int, _ recipe: Recipe) -> TileWritten {
        let bytes = Digest(of: "\(number)/\(index)/\(recipe.digest)".utf8)
        let (row, column) = index.quotientAndRemainder(dividingBy: 3)
        return TileWritten(
            name: "000\(row)_000\(column).png",
            place: TilePlace(
                row: row,
                column: column,
                x: column * 448,
                y: row * 448,
                width: 512,
                height: 512,
                validWidth: 512,
                validHeight: 512
            ),
            edge: "shift",
            affine: [1, 0, Double(column * 448), 0, 1, Double(row * 448)],
            variant: 0,
            augmentation: nil,
            bytes: 500_000,
            sha256: bytes,
            md5: hex(bytes.bytes.prefix(16)),
            footprint: nil
        )
    }
}

extension SwathlogBench {
    struct Plan: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Plan re-derivations of a store of many images, and print one line of JSON."
        )

        @Option(help: "Images in the store.")
        var objects = 100_000

        func validate() throws {
            guard objects > 0 else { throw ValidationError("give at least one image") }
        }

        func run() async throws {
            print(try await PlanBenchmark(objects: objects).run().text)
        }
    }
}
