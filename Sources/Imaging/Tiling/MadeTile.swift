import Crypto

/// A tile whose digests are still to be taken.
struct MadeTile {
    let window: TileWindow
    var variant = 0
    var steps: [AppliedStep] = []
    let bytes: [UInt8]
}

extension [MadeTile] {
    /// Digests the tiles together and hands them over.
    func deliver(to receive: (CutTile) throws -> Void) throws -> CutCount {
        var count = CutCount()
        for (tile, md5) in zip(self, BatchMD5.digests(of: map(\.bytes))) {
            count.tiles += 1
            count.bytes += tile.bytes.count
            try receive(
                .made(
                    EncodedTile(
                        window: tile.window,
                        variant: tile.variant,
                        steps: tile.steps,
                        bytes: tile.bytes,
                        sha256: [UInt8](SHA256.hash(data: tile.bytes)),
                        md5: md5
                    )
                )
            )
        }
        return count
    }
}

/// How much was made.
struct CutCount: Sendable {
    var tiles = 0
    var bytes = 0
    /// Tiles that were left out as blank.
    var skipped = 0

    static func += (sum: inout CutCount, more: CutCount) {
        sum.tiles += more.tiles
        sum.bytes += more.bytes
        sum.skipped += more.skipped
    }
}
