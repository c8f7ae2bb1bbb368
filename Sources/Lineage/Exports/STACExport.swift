package import EventLog
import Events
import Files
import Foundation
package import GRDB

/// Writes what the dataset's versions hold as a static STAC catalog: a collection for each partition, and in it an item
/// for each image of its newest version and for each of its tiles, which is derived from it.
///
/// Tiles that are in no version yet are not in the dataset's directory either: they are left out.
///
/// An image's files are written before the next image is looked at, so a catalog of any size takes the same memory.
package struct STACExport: Sendable {
    /// What was written.
    package struct Count: Sendable, Equatable {
        package var collections = 0
        package var images = 0
        package var tiles = 0
    }

    private let log: EventLog
    private let database: any DatabaseReader
    private let dataset: String
    private let version: String

    /// - Parameters:
    ///   - database: the catalog's tables.
    ///   - dataset: what the paths of tiles are put behind: the dataset's directory, or the URL of a copy.
    ///   - version: of this program.
    package init(log: EventLog, database: any DatabaseReader, dataset: String, version: String) {
        self.log = log
        self.database = database
        self.dataset = dataset
        self.version = version
    }

    /// Writes `catalog.json` and what it leads to.
    ///
    /// - Parameters:
    ///   - directory: must hold nothing, or not exist.
    ///   - partition: the only one that is written; nil for all.
    ///   - progress: called after each image.
    /// - Throws: `id-not-found` for a partition that is none, `not-empty`.
    package func write(
        to directory: String,
        partition: String?,
        progress: (Count) -> Void = { _ in }
    ) async throws -> Count {
        if let partition { try await requirePartition(partition) }
        try createDirectories(directory, durable: false)
        guard try listDirectory(directory).isEmpty else {
            throw LineageError(.notEmpty, "\(directory) is not empty: name a directory that does not exist yet")
        }
        var count = Count()
        var collections: [String] = []
        var open: STACCollectionFile?
        var last: STACImage?
        while true {
            let images = try await STACImage.next(after: last, partition: partition, limit: 256, in: database)
            guard !images.isEmpty else { break }
            for image in images {
                try Task.checkCancellation()
                if image.partition != last?.partition {
                    try open?.close()
                    open = try STACCollectionFile(image.partition, in: directory)
                    collections.append(image.partition)
                    count.collections += 1
                }
                let times = try await write(image, to: "\(directory)/\(image.partition)/\(image.object)", &count)
                try open?.add(image.object, times.footprint, times.time)
                count.images += 1
                progress(count)
                last = image
            }
        }
        try open?.close()
        let links =
            [STACVocabulary.link("root", "./catalog.json")]
            + collections.map { STACVocabulary.link("child", "./\($0)/collection.json") }
        try write(
            STACVocabulary.catalog(
                "swathlog",
                description: "Tiles of images, and the images that they were cut from. Written by swathlog \(version).",
                links: links
            ),
            to: "\(directory)/catalog.json"
        )
        return count
    }

    private func requirePartition(_ name: String) async throws {
        let isThere = try await database.read { database in
            try Bool.fetchOne(database, sql: "SELECT 1 FROM partitions WHERE name = ?", arguments: [name])
        }
        guard isThere == nil else { return }
        throw LineageError(.notFound, "the dataset has no partition '\(name)': `swathlog dataset list` shows them")
    }

    private func write(
        _ image: STACImage,
        to directory: String,
        _ count: inout Count
    ) async throws -> (footprint: GroundFootprint?, time: Timestamp) {
        try createDirectories(directory, durable: false)
        let validated = try await validated(image)
        let metadata = try validated.map { try JSONObject($0.metadata.bytes) }
        let taken = try metadata.flatMap { try Self.taken($0) }
        let time = taken ?? image.modifiedAt ?? image.observedAt
        let parents = [
            STACVocabulary.link("root", "../../catalog.json"), STACVocabulary.link("parent", "./catalog.json"),
            STACVocabulary.link("collection", "../collection.json"),
        ]
        var links = [
            STACVocabulary.link("root", "../../catalog.json"), STACVocabulary.link("parent", "../collection.json"),
            STACVocabulary.link("item", "./image.json", type: STACVocabulary.geoJSON),
        ]
        try write(
            STACVocabulary.item(
                image.object,
                collection: image.partition,
                footprint: validated?.footprint,
                properties: CanonicalJSON {
                    $0.set("datetime", time.description)
                    $0.set("swathlog:key", image.key)
                },
                links: parents,
                assets: CanonicalJSON {
                    $0.set(
                        "image",
                        STACVocabulary.asset(image.href, name: image.key, bytes: image.bytes, sha256: image.sha256)
                    )
                },
                isProcessed: false
            ),
            to: "\(directory)/image.json"
        )
        let software = try await software(image)
        try await image.tiles(in: database, log: log) { event, tile in
            let item = item(tile, event, of: image, at: time, software, links: parents)
            try write(item, to: "\(directory)/\(tile.name).json")
            links.append(STACVocabulary.link("item", "./\(tile.name).json", type: STACVocabulary.geoJSON))
            count.tiles += 1
        }
        try write(
            STACVocabulary.catalog(image.object, description: "\(image.key) and its tiles", links: links),
            to: "\(directory)/catalog.json"
        )
        return (validated?.footprint, time)
    }

    private func item(
        _ tile: TileWritten,
        _ event: RecordedEvent,
        of image: STACImage,
        at time: Timestamp,
        _ software: [String: String],
        links: [CanonicalJSON]
    ) -> CanonicalJSON {
        let place = tile.place
        let properties = CanonicalJSON {
            $0.set("datetime", time.description)
            $0.set(
                "processing:lineage",
                "Cut from \(image.key) at \(place.x), \(place.y), \(place.width) by \(place.height) pixels, under recipe \(image.recipe)"
            )
            $0.set("processing:datetime", event.recordedAt.description)
            $0.set("processing:facility", image.host)
            $0.set("processing:software", CanonicalJSON { for (name, text) in software { $0.set(name, text) } })
            $0.set(
                "processing:expression",
                CanonicalJSON {
                    $0.set("format", "swathlog-recipe")
                    $0.set("expression", canonical: Array(image.settings.utf8))
                }
            )
            $0.set("swathlog:position", event.position)
            $0.set("swathlog:window", [place.x, place.y, place.width, place.height])
            $0.set("swathlog:variant", tile.variant > 0 ? tile.variant : nil)
        }
        return STACVocabulary.item(
            "\(image.object)-\(tile.name)",
            collection: image.partition,
            footprint: tile.footprint,
            properties: properties,
            links: links + [STACVocabulary.link("derived_from", "./image.json", type: STACVocabulary.geoJSON)],
            assets: CanonicalJSON {
                $0.set(
                    "tile",
                    STACVocabulary.asset(
                        "\(dataset)/\(image.partition)/\(image.path)/\(tile.name)",
                        name: tile.name,
                        bytes: tile.bytes,
                        sha256: tile.sha256
                    )
                )
            },
            isProcessed: true
        )
    }

    private func validated(_ image: STACImage) async throws -> ObjectValidated? {
        guard let position = image.validatedPosition else { return nil }
        return try await log.event(at: position)?.decode()
    }

    /// What cut the tiles: this program's engine and the libraries under it, by name and version.
    private func software(_ image: STACImage) async throws -> [String: String] {
        var software = ["swathlog-imaging": image.engineRevision.map(String.init) ?? "unknown"]
        guard let position = image.startedPosition, let event = try await log.event(at: position) else {
            return software
        }
        software.merge(try event.decode(DerivationStarted.self).libraries) { own, _ in own }
        return software
    }

    /// When the camera took it; nil where it did not say in which time zone.
    private static func taken(_ metadata: JSONObject) throws -> Timestamp? {
        guard let local = try metadata.optionalString("taken_at"), local.utf8.count == 19,
            let offset = try metadata.optionalString("taken_at_offset")
        else { return nil }
        let (date, time) = (local.prefix(10), local.suffix(8))
        return Timestamp(rfc3339: "\(date.split(separator: ":").joined(separator: "-"))T\(time)\(offset)")
    }

    private func write(_ json: CanonicalJSON, to path: String) throws {
        try writeNew(json.bytes + [UInt8(ascii: "\n")], to: path, mode: 0o644, synchronized: false)
    }
}

/// `collection.json` of a partition while its images are written: its links first, one by one, then what all of them say.
private final class STACCollectionFile {
    private let id: String
    private let file: FileHandle
    private var extent = STACExtent()
    private var images = 0

    init(_ partition: String, in directory: String) throws {
        id = partition
        let path = "\(directory)/\(partition)/collection.json"
        try createDirectories("\(directory)/\(partition)", durable: false)
        try writeNew([], to: path, mode: 0o644, synchronized: false)
        file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        let links = ["root", "parent"].map { STACVocabulary.link($0, "../catalog.json").text }
        try file.write(contentsOf: Data("{\"links\":[\(links.joined(separator: ","))".utf8))
    }

    func add(_ object: String, _ footprint: GroundFootprint?, _ time: Timestamp) throws {
        extent.include(footprint, time)
        images += 1
        try file.write(contentsOf: Data(",\(STACVocabulary.link("child", "./\(object)/catalog.json").text)".utf8))
    }

    func close() throws {
        let rest = STACVocabulary.collection(
            id,
            description: "The partition \(id) of the dataset: \(images) images and their tiles",
            extent: extent
        )
        try file.write(contentsOf: Data("],\(rest.text.dropFirst())\n".utf8))
        try file.close()
    }
}
