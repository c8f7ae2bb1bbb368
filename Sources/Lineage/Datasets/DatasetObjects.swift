package import DVC
import Events
import Projections
import Stages

/// The objects that some dataset versions are made of, and the places that are to have them.
package struct DatasetObjects: Sendable {
    package enum Kind: String, Sendable { case tile, index, manifest }

    package struct Object: Sendable {
        package let expected: ExpectedObject
        package let kind: Kind
        /// One of the partitions that need it.
        package let partition: String
        /// One of its paths in that partition; nil for a manifest.
        package let path: String?
    }

    /// By id.
    package private(set) var objects: [String: Object] = [:]
    /// The ids that each remote is to have, by its URL.
    package private(set) var pushed: [String: Set<String>] = [:]

    /// Asks the catalog for what the versions hold, with all recorded digests.
    ///
    /// - Parameter upcoming: partitions whose files count as they are now too, and those of their open intents: a version
    ///   will need them.
    init(_ versions: [CatalogCommit], upcoming: [String], catalog: CatalogReader) async throws {
        for partition in upcoming {
            var files = try await catalog.files(of: partition, at: .max)
            if let open = try await catalog.openCommit(of: partition) {
                files += try await catalog.files(of: partition, at: open.throughPosition)
            }
            for file in files { objects[file.md5] = Object(file, of: partition) }
        }
        for (_, versions) in Dictionary(grouping: versions, by: \.partition) {
            let ordered = versions.sorted { $0.throughPosition < $1.throughPosition }
            for object in try await Self.objects(of: ordered, catalog) { objects[object.expected.id] = object }
            for (remote, pushed) in Dictionary(grouping: ordered.filter { $0.pushedPosition != nil }, by: \.remote) {
                guard let remote else { continue }
                let ids = try await Self.objects(of: pushed, catalog).map(\.expected.id)
                self.pushed[remote, default: []].formUnion(ids)
            }
        }
        for (id, digest) in try await catalog.digests(ofFiles: Set(objects.keys)) {
            guard let object = objects[id] else { continue }
            objects[id] = Object(
                expected: ExpectedObject(id: id, size: object.expected.size, sha256: digest),
                kind: object.kind,
                partition: object.partition,
                path: object.path
            )
        }
    }

    /// What versions of one partition are made of, the oldest first: of each but that one only what changed.
    private static func objects(of versions: [CatalogCommit], _ catalog: CatalogReader) async throws -> [Object] {
        var objects: [Object] = []
        var last: Int?
        for version in versions {
            let files: [DatasetFile]
            if let last, last < version.throughPosition {
                files = try await catalog.files(
                    of: version.partition,
                    at: version.throughPosition,
                    changedWithin: (last + 1)...version.throughPosition
                )
            } else {
                files = try await catalog.files(of: version.partition, at: version.throughPosition)
            }
            last = version.throughPosition
            for file in files {
                objects.append(Object(file, of: version.partition))
            }
            objects.append(
                Object(
                    expected: ExpectedObject(id: version.manifest),
                    kind: .manifest,
                    partition: version.partition,
                    path: nil
                )
            )
        }
        return objects
    }
}

extension DatasetObjects.Object {
    fileprivate init(_ file: DatasetFile, of partition: String) {
        self.init(
            expected: ExpectedObject(id: file.md5, size: file.bytes),
            kind: TileIndex.isOne(file.path) ? .index : .tile,
            partition: partition,
            path: file.path
        )
    }
}
