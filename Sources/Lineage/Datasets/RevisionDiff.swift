package import DVC
package import Events
package import Projections
import Stages

/// How two git revisions of a dataset differ, partition by partition.
package struct RevisionDiff: Sendable {
    package struct Partition: Sendable {
        package let name: String
        package let diff: ManifestDiff
    }

    /// Tiles and indexes that differ.
    package struct Counts: Sendable, Equatable {
        package var tiles = 0
        package var indexes = 0

        init(_ paths: [String] = []) {
            for path in paths { if TileIndex.isOne(path) { indexes += 1 } else { tiles += 1 } }
        }

        static func + (left: Counts, right: Counts) -> Counts {
            var sum = left
            sum.tiles += right.tiles
            sum.indexes += right.indexes
            return sum
        }
    }

    /// The commits' full hashes.
    package let from: String
    package let to: String
    /// Those that differ, in the order of their names' bytes.
    package let partitions: [Partition]

    package var isEmpty: Bool { partitions.isEmpty }
    package var added: Counts { partitions.reduce(Counts()) { $0 + Counts($1.diff.added) } }
    package var changed: Counts { partitions.reduce(Counts()) { $0 + Counts($1.diff.changed) } }
    package var removed: Counts { partitions.reduce(Counts()) { $0 + Counts($1.diff.removed) } }

    /// Compares what the pointers of two revisions stand for.
    ///
    /// - Parameter partition: the only one that is compared; nil for all.
    package init(
        from old: String,
        to new: String,
        partition: String? = nil,
        repository: DatasetRepository,
        catalog: CatalogReader
    ) async throws {
        from = try await Self.commit(old, repository)
        to = try await Self.commit(new, repository)
        let before = try await repository.pointers(at: from)
        let after = try await repository.pointers(at: to)
        let names = Set(before.keys).union(after.keys).filter { name in
            let isOurs = before[name]?.isOurs == true || after[name]?.isOurs == true
            return isOurs && (partition == nil || partition == name)
        }
        if let partition, names.isEmpty {
            throw LineageError(.notFound, "neither \(old) nor \(new) has a partition '\(partition)'")
        }
        let finder = ManifestFinder(cache: repository.cache, catalog: catalog)
        var partitions: [Partition] = []
        for name in names.sorted(by: { $0.precedesInBytes($1) })
        where before[name]?.manifest != after[name]?.manifest {
            var manifests: [[UInt8]?] = []
            for pointer in [before[name], after[name]] {
                manifests.append(try await pointer.asyncMap { try await finder.bytes(of: $0.manifest) })
            }
            partitions.append(Partition(name: name, diff: try ManifestDiff(from: manifests[0], to: manifests[1])))
        }
        self.partitions = partitions
    }

    private static func commit(_ revision: String, _ repository: DatasetRepository) async throws -> String {
        guard let commit = try await repository.commit(named: revision) else {
            throw LineageError(
                .notFound,
                "the dataset's git has no revision '\(revision)': `git -C \(repository.path) log` shows them"
            )
        }
        return commit
    }

    package var json: CanonicalJSON {
        CanonicalJSON {
            $0.set("from", from)
            $0.set("to", to)
            for (name, counts) in [("added", added), ("changed", changed), ("removed", removed)] {
                $0.set("tiles_\(name)", counts.tiles)
                $0.set("indexes_\(name)", counts.indexes)
            }
            $0.set(
                "partitions",
                partitions.map { partition in
                    CanonicalJSON {
                        $0.set("partition", partition.name)
                        $0.set("added", partition.diff.added)
                        $0.set("changed", partition.diff.changed)
                        $0.set("removed", partition.diff.removed)
                    }
                }
            )
        }
    }
}

extension Optional {
    fileprivate func asyncMap<Value>(_ body: (Wrapped) async throws -> Value) async rethrows -> Value? {
        if let self { try await body(self) } else { nil }
    }
}
