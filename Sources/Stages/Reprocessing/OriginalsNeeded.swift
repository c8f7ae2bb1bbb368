import Events
import Files
import ObjectStores
import Projections
import Threads

/// The source bytes that a re-derivation reads: which contents have to be cut, and which of those are not kept any more.
struct OriginalsNeeded: Sendable {
    private(set) var toCut = 0
    private(set) var toLink = 0
    private(set) var pixels = 0
    private(set) var unknown = 0
    private(set) var toFetch = 0
    private(set) var bytesToFetch = 0
    /// Keys whose bytes nobody has any more.
    private(set) var gone: [String] = []
    private var goneContents: Set<Digest> = []

    /// Looks at `originals/`, and for what is missing there at folders; buckets are taken to have what the log says.
    ///
    /// - Parameter lost: derivations whose tiles are not in the cache any more, by their numbers: they are cut again.
    init(of candidates: [ReprocessCandidate], lost: Set<Int>, paths: StorePaths) async throws {
        self = try await Blocking.run { try OriginalsNeeded(candidates, lost, paths) }
    }

    private init(_ candidates: [ReprocessCandidate], _ lost: Set<Int>, _ paths: StorePaths) throws {
        var sources: [Digest: [Int]] = [:]
        for (index, candidate) in candidates.enumerated()
        where candidate.held == nil || candidate.held?.derivation != candidate.target {
            sources[candidate.content, default: []].append(index)
        }
        for (content, indexes) in sources {
            let first = candidates[indexes[0]]
            if let target = first.target, !lost.contains(target) {
                toLink += 1
                continue
            }
            if try fileInfo(paths.original(content)) == nil {
                guard let there = try indexes.first(where: { try Self.isAtSource(candidates[$0]) }) else {
                    gone += indexes.map { candidates[$0].key }
                    goneContents.insert(content)
                    continue
                }
                toFetch += 1
                bytesToFetch += candidates[there].bytes
            }
            toCut += 1
            if let size = first.size { pixels += size.width * size.height } else { unknown += 1 }
        }
        gone.sort()
    }

    func isGone(_ content: Digest) -> Bool { goneContents.contains(content) }

    private static func isAtSource(_ candidate: ReprocessCandidate) throws -> Bool {
        guard candidate.source == "folder" else { return candidate.isAtSource }
        return try fileInfo(FolderStore(root: candidate.bucket).path(of: candidate.key))?.size == candidate.bytes
    }
}

extension ReprocessPlan {
    mutating func take(_ needed: OriginalsNeeded) {
        toCut = needed.toCut
        toLink = needed.toLink
        pixels = needed.pixels
        unknown = needed.unknown
        toFetch = needed.toFetch
        bytesToFetch = needed.bytesToFetch
        gone = needed.gone
    }
}
