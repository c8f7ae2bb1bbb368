import EventLog
import Events
import HTTPTypes
import Hummingbird
import Projections

/// Objects, what was made of them, and the bytes of both.
struct ObjectRoutes: Sendable {
    let store: ServedStore
    let files: FileAnswers

    private static let states = ["derived", "fetched", "observed", "quarantined", "removed", "superseded"]
    private static let tag = "objects"

    var operations: [Operation] { objectOperations + derivationOperations }

    private var objectOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/objects",
                id: "listObjects",
                tag: Self.tag,
                summary: "The newest versions of keys, the key that was seen last first.",
                parameters: [
                    .query("state", .choice(Self.states), "only those in it"),
                    .query("dataset", "only those of it"), .query("bucket", "only those of it"),
                    .query("contains", "only keys that contain this text"), .limit, .cursor,
                ],
                form: .json(.page("Object"))
            ) { call in
                let filter = ObjectFilter(
                    state: call.text("state"),
                    partition: call.text("dataset"),
                    bucket: call.text("bucket"),
                    text: call.text("contains")
                )
                return .json(
                    try await store.catalog.objects(filter, before: call.cursor, limit: call.limit).json(\.json)
                )
            },
            Operation(
                method: .get,
                path: "/v1/objects/{object}",
                id: "getObject",
                tag: Self.tag,
                summary: "One version of a key: its image, the other versions, what was derived.",
                parameters: [Self.object],
                form: .json(.named("ObjectDetail")),
                problems: [.notFound]
            ) { .json(try await detail($0.required("object"))) },
            Operation(
                method: .get,
                path: "/v1/objects/{object}/original",
                id: "getOriginal",
                tag: Self.tag,
                summary: "The bytes of an object as they were fetched.",
                parameters: [Self.object],
                form: .bytes(["image/jpeg", "image/png", "application/octet-stream"]),
                problems: [.notFound, .rangeUnsatisfiable]
            ) { call in
                guard let content = try await object(call.required("object")).object.sha256 else {
                    throw Problem(.notFound, "the object was not fetched")
                }
                return try await files.answer(
                    call,
                    path: store.originalPath(content),
                    tag: content.description,
                    missing: "the store does not keep these bytes any more"
                )
            },
            Operation(
                method: .get,
                path: "/v1/footprints",
                id: "listFootprints",
                tag: Self.tag,
                summary: "The ground under the images that say where they were taken, as GeoJSON.",
                parameters: [.query("dataset", "only images of it"), .limit, .cursor],
                form: .geoJSON(.named("Footprints"))
            ) { .json(try await footprints($0), type: "application/geo+json") },
        ]
    }

    private var derivationOperations: [Operation] {
        [
            Operation(
                method: .get,
                path: "/v1/derivations",
                id: "listDerivations",
                tag: Self.tag,
                summary: "What recipes made of contents, newest first.",
                parameters: [.query("sha256", .digest, "only those of this content"), .limit, .cursor],
                form: .json(.page("Derivation"))
            ) { call in
                let content = call.text("sha256").flatMap { Digest(hex: $0) }
                return .json(
                    try await store.catalog.derivations(of: content, before: call.cursor, limit: call.limit).json(
                        \.json
                    )
                )
            },
            Operation(
                method: .get,
                path: "/v1/derivations/{derivation}",
                id: "getDerivation",
                tag: Self.tag,
                summary: "What one recipe made of one content.",
                parameters: [Self.derivation],
                form: .json(.named("Derivation")),
                problems: [.notFound]
            ) { .json(try await derivation($0.required("derivation")).json) },
            Operation(
                method: .get,
                path: "/v1/derivations/{derivation}/tiles",
                id: "listTiles",
                tag: Self.tag,
                summary: "The tiles of a derivation, in the order of their names.",
                parameters: [Self.derivation, .limit, .nameCursor],
                form: .json(.page("Tile", next: .text)),
                problems: [.notFound]
            ) { call in
                let id = try await derivation(call.required("derivation")).id
                let page = try await store.catalog.tiles(of: id, after: call.text("cursor") ?? "", limit: call.limit)
                return .json(try await tiles(page))
            },
            Operation(
                method: .get,
                path: "/v1/derivations/{derivation}/tiles/{tile}",
                id: "getTile",
                tag: Self.tag,
                summary: "One tile: its window, digests and ground.",
                parameters: [Self.derivation, Self.tile],
                form: .json(.named("Tile")),
                problems: [.notFound]
            ) { call in
                let tile = try await tile(call)
                guard let event = try await store.log.event(at: tile.position) else { throw Self.noTile }
                return .json(try event.decode(TileWritten.self).json(position: tile.position))
            },
            Operation(
                method: .get,
                path: "/v1/derivations/{derivation}/tiles/{tile}/content",
                id: "getTileContent",
                tag: Self.tag,
                summary: "The bytes of a tile.",
                parameters: [Self.derivation, Self.tile],
                form: .bytes(["image/jpeg", "image/png", "application/octet-stream"]),
                problems: [.notFound, .rangeUnsatisfiable]
            ) { call in
                let tile = try await tile(call)
                return try await files.answer(
                    call,
                    path: store.tilePath(tile.md5),
                    tag: tile.sha256.description,
                    missing: "the DVC cache of this machine does not hold the tile"
                )
            },
        ]
    }

    private static let object = Parameter.path("object", "an object's id")
    private static let derivation = Parameter.path("derivation", "a derivation's id")
    private static let tile = Parameter.path(
        "tile",
        "a tile's name: ROW_COL.EXT, with _vN before the dot for a variant"
    )
    private static let noTile = Problem(.notFound, "the derivation has no tile of this name")

    private func object(_ id: String) async throws -> PlacedObject {
        guard let object = try await store.catalog.listedObject(id) else {
            throw Problem(.notFound, "there is no object of this id")
        }
        return object
    }

    private func derivation(_ id: String) async throws -> ListedDerivation {
        guard let derivation = try await store.catalog.listedDerivation(id) else {
            throw Problem(.notFound, "there is no derivation of this id")
        }
        return derivation
    }

    private func tile(_ call: Call) async throws -> ListedTile {
        guard let tile = try await store.catalog.tile(call.required("tile"), of: call.required("derivation")) else {
            throw Self.noTile
        }
        return tile
    }

    private func detail(_ id: String) async throws -> CanonicalJSON {
        let listed = try await object(id)
        let content = listed.object.sha256
        let versions = try await store.catalog.versions(ofKeyOf: id, limit: 100)
        var derivations: [ListedDerivation] = []
        if let content { derivations = try await store.catalog.derivations(of: content, limit: 100).items }
        let quarantine = try await store.catalog.quarantined(id)
        var validated: RecordedEvent?
        if let position = listed.object.validatedPosition { validated = try await store.log.event(at: position) }
        var json = listed.json
        json.set("versions", versions.map(\.json))
        json.set("derivations", derivations.map(\.json))
        json.set("quarantine", quarantine?.json)
        json.set("original_on_disk", content.map { files.isThere(store.originalPath($0)) } ?? false)
        json.set("image", try validated?.decode(ObjectValidated.self).imageJSON)
        return json
    }

    private func tiles(_ page: Page<ListedTile, String>) async throws -> CanonicalJSON {
        let events = try await store.log.events(at: page.items.map(\.position))
        return try Page(items: events, next: page.next).map {
            try $0.decode(TileWritten.self).json(position: $0.position)
        }.json { $0 }
    }

    private func footprints(_ call: Call) async throws -> CanonicalJSON {
        let page = try await store.catalog.validatedObjects(
            of: call.text("dataset"),
            before: call.cursor,
            limit: call.limit
        )
        let events = try await store.log.events(at: page.items.map(\.validatedPosition))
        let grounds = try Dictionary(
            events.map { ($0.position, try $0.decode(ObjectValidated.self).footprint) }
        ) { first, _ in first }
        let features = page.items.compactMap { object in
            grounds[object.validatedPosition].flatMap { $0 }.map { object.feature($0) }
        }
        return CanonicalJSON {
            $0.set("type", "FeatureCollection")
            $0.set("features", features)
            $0.set("next", page.next)
        }
    }
}
