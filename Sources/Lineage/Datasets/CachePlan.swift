package import DVC
package import Events
import Files
package import Projections
import Stages

/// Which objects of the cache something needs, and which could be freed.
///
/// It only looks. Whatever git reaches, the work tree names, an intent of the log is about to commit, or stands in the
/// dataset for a key now is needed; so are objects that may be on their way into the log.
package struct CachePlan: Sendable {
    /// Why an object is needed, the strongest reason first.
    package enum Need: String, Sendable, CaseIterable {
        /// A pointer in the work tree names it.
        case tree
        /// An intent without a receipt is about to.
        case intent
        /// A commit that a branch, tag or stash reaches names it, or the index does.
        case history
        /// It stands for a key, or will in the generation under way, and the next version will have it.
        case next
        /// The log does not know it, and it is so new that an agent may be about to record it.
        case recent
        /// The cache is shared with other repositories, and nobody here knows it.
        case foreign
    }

    /// Objects and their bytes.
    package struct Sum: Sendable, Equatable {
        package var objects = 0
        package var bytes = 0

        mutating func add(_ size: Int) {
            objects += 1
            bytes += size
        }
    }

    /// What could be freed.
    package struct Freeable: Sendable, Equatable {
        package let id: String
        package let bytes: Int
        /// Whether the log knows a derivation that made it, or a version that it is the manifest of.
        package let isRecorded: Bool
    }

    /// Where the cache is.
    package let cache: String
    package private(set) var needed: [Need: Sum] = [:]
    package private(set) var freeable: [Freeable] = []
    /// Manifests that something needs and the cache lacks: what they name can't be told from the rest.
    package private(set) var missingManifests: [String] = []

    package var free: Sum {
        freeable.reduce(into: Sum()) { $0.add($1.bytes) }
    }

    /// How long an object that the log does not know may be on its way into it, in nanoseconds.
    private static let recency: Int64 = 3_600 * 1_000_000_000

    package init(
        repository: DatasetRepository,
        catalog: CatalogReader,
        now: Timestamp
    ) async throws {
        cache = repository.cache.root
        // The cache first: what is added after this look is in nobody's list.
        let objects = try repository.cache.objects()
        let named = try await repository.namedObjects()
        var needs: [String: Need] = [:]
        func need(_ ids: some Sequence<String>, _ why: Need) {
            for id in ids where needs[id] == nil { needs[id] = why }
        }
        let finder = ManifestFinder(cache: repository.cache, catalog: catalog)
        var missing: [String] = []
        func expanded(_ ids: Set<String>) async throws -> [String] {
            var all = Array(ids)
            for id in ids where id.hasSuffix(".dir") {
                do {
                    all += try ManifestReader.entries(of: try await finder.bytes(of: id)).map(\.md5)
                } catch let error as DVCError where error.code == .objectMissing {
                    missing.append(id)
                }
            }
            return all
        }
        need(try await expanded(named.tree), .tree)
        let commits = try await catalog.commits()
        for partition in try await catalog.partitions() {
            guard let commit = try await catalog.openCommit(of: partition.name) else { continue }
            let files = try await catalog.files(of: commit.partition, at: commit.throughPosition)
            need(files.map(\.md5) + [commit.manifest], .intent)
        }
        need(try await expanded(named.history), .history)
        for partition in try await catalog.partitions() {
            need(try await catalog.files(of: partition.name, at: .max).map(\.md5), .next)
        }
        need(try await catalog.filesOfNextGeneration(), .next)
        let known = try await catalog.madeFiles().union(commits.map(\.manifest))
        missingManifests = missing.sorted()
        for (id, info) in objects {
            var why = needs[id]
            if why == nil, !known.contains(id) {
                let isRecent = now.microseconds * 1_000 - info.modified < Self.recency
                why = isRecent ? .recent : repository.ownsCache ? nil : .foreign
            }
            if let why {
                needed[why, default: Sum()].add(info.size)
            } else {
                freeable.append(Freeable(id: id, bytes: info.size, isRecorded: known.contains(id)))
            }
        }
        // With a list that is short nothing may be called free.
        if !missing.isEmpty { freeable = [] }
    }

    package var json: CanonicalJSON {
        func json(_ sum: Sum) -> CanonicalJSON {
            CanonicalJSON {
                $0.set("objects", sum.objects)
                $0.set("bytes", sum.bytes)
            }
        }
        return CanonicalJSON {
            $0.set("cache", cache)
            $0.set(
                "needed",
                CanonicalJSON { for why in Need.allCases { $0.set(why.rawValue, json(needed[why] ?? Sum())) } }
            )
            $0.set("free", json(free))
            $0.set("missing_manifests", missingManifests)
            $0.set(
                "free_objects",
                freeable.map { object in
                    CanonicalJSON {
                        $0.set("object", object.id)
                        $0.set("bytes", object.bytes)
                        $0.set("recorded", object.isRecorded)
                    }
                }
            )
        }
    }
}
