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
    private(set) var gone: [String] = []

    /// Looks at `originals/`, and for what is missing there at folders; buckets are taken to have what the log says.
    init(of candidates: [ReprocessCandidate], paths: StorePaths) async throws {
        self = try await Blocking.run { try OriginalsNeeded(candidates, paths) }
    }

    private init(_ candidates: [ReprocessCandidate], _ paths: StorePaths) throws {
        var sources: [Digest: [ReprocessCandidate]] = [:]
        for candidate in candidates where candidate.held == nil || candidate.held?.derivation != candidate.target {
            sources[candidate.content, default: []].append(candidate)
        }
        for (content, candidates) in sources {
            guard let first = candidates.first, first.target == nil else {
                toLink += 1
                continue
            }
            toCut += 1
            if let size = first.size { pixels += size.width * size.height } else { unknown += 1 }
            guard try fileInfo(paths.original(content)) == nil else { continue }
            if let there = try candidates.first(where: Self.isAtSource) {
                toFetch += 1
                bytesToFetch += there.bytes
            } else {
                gone += candidates.map(\.key)
            }
        }
        gone.sort()
    }

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
