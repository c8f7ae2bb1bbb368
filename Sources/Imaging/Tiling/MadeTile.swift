import Crypto
import Digests

/// A tile whose digests are still to be taken.
struct MadeTile {
    let window: TileWindow
    var variant = 0
    var steps: [AppliedStep] = []
    /// Pixels of the file, where those are not the window's.
    var size: (width: Int, height: Int)?
    let bytes: [UInt8]
}

/// Tiles on their way out, of which never more are held than are digested side by side.
struct TileBatch {
    private var tiles: [MadeTile] = []
    private(set) var count = CutCount()

    mutating func add(_ tile: MadeTile, deliver: (CutTile) throws -> Void) throws {
        tiles.append(tile)
        if tiles.count == BatchMD5.lanes { try flush(deliver) }
    }

    mutating func add(_ tile: SkippedTile, deliver: (CutTile) throws -> Void) throws {
        count.skipped += 1
        try deliver(.skipped(tile))
    }

    /// Digests the tiles together and hands them over.
    mutating func flush(_ deliver: (CutTile) throws -> Void) throws {
        for (tile, md5) in zip(tiles, BatchMD5.digests(of: tiles.map(\.bytes))) {
            count.tiles += 1
            count.bytes += tile.bytes.count
            try deliver(
                .made(
                    EncodedTile(
                        window: tile.window,
                        variant: tile.variant,
                        steps: tile.steps,
                        width: tile.size?.width ?? tile.window.width,
                        height: tile.size?.height ?? tile.window.height,
                        bytes: tile.bytes,
                        sha256: [UInt8](SHA256.hash(data: tile.bytes)),
                        md5: md5
                    )
                )
            )
        }
        tiles.removeAll(keepingCapacity: true)
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
