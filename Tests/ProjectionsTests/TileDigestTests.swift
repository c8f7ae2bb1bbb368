import EventLog
import Events
import Foundation
import GRDB
import Projections
import Testing

@Suite("Tiles are found by their digests", .timeLimit(.minutes(5)))
struct TileDigestTests {
    let store: TestStore

    init() throws {
        store = try TestStore()
    }

    @Test("by SHA-256 or MD5, whole or their beginnings, wherever in the log they were written")
    func prefixes() async throws {
        // Enough for several runs of positions, folded in pieces of many sizes.
        let contents = (0..<9_000).map { "content \($0)" }
        let projector = try store.projector([Catalog()])
        try await store.log.append([Happening.adopted(512)])
        var start = 0
        for size in [1, 2, 500, 1_500, 3_000, 3_997] {
            let events = contents[start..<(start + size)].flatMap { content in
                let object = Happening.object(content)
                return [Happening.observed(object), Happening.fetched(object, content)]
                    + Happening.derived(content, 512)
            }
            try await store.log.append(events)
            start += size
            try await projector.catchUp()
        }
        var tiles: [(digest: Digest, tile: String)] = []
        for content in contents {
            let id = Identity.derivation(source: Happening.content(content), recipe: Happening.recipe(512).digest)
            for column in 0..<2 {
                tiles.append((Digest(of: "\(content) 512 \(column)".utf8), "\(id)/0_\(column).png"))
            }
        }
        for (digest, tile) in [tiles[0], tiles[3], tiles[9_000], tiles[17_999]] {
            #expect(try found(projector, from: digest.bytes, through: digest.bytes) == [tile])
            let md5 = Array(digest.bytes.prefix(16))
            #expect(try found(projector, from: md5, through: md5) == [tile])
        }
        // Here an MD5 is the beginning of the SHA-256, so both begin alike.
        for length in 1...6 {
            let low = Array(tiles[4_321].digest.bytes.prefix(length))
            let high = low + [UInt8](repeating: 0xFF, count: 32 - length)
            let expected = tiles.filter { $0.digest.bytes.starts(with: low) }.map(\.tile)
            #expect(try found(projector, from: low, through: high) == Set(expected))
        }
        #expect(try found(projector, from: [], through: [UInt8](repeating: 0xFF, count: 32), limit: 50).count == 50)
        let absent = [UInt8](repeating: 7, count: 32)
        #expect(try found(projector, from: absent, through: absent).isEmpty)
    }

    private func found(
        _ projector: Projector,
        from low: [UInt8],
        through high: [UInt8],
        limit: Int = 1_000
    ) throws -> Set<String> {
        try projector.database.read { database in
            Set(
                try TileDigests.tiles(from: low, through: high, limit: limit, in: database)
                    .map { "\($0.derivation)/\($0.name)" }
            )
        }
    }
}
