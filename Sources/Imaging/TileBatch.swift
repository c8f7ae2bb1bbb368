import Crypto

/// Encoded tiles that wait for their digests, which are computed several at a time.
struct TileBatch {
    private var waiting: [(window: TileWindow, bytes: [UInt8])] = []
    private var waitingBytes = 0
    /// Tiles that were delivered.
    private(set) var tiles = 0
    private(set) var tileBytes = 0

    /// Twice the lanes of `BatchMD5`, and less where tiles are large.
    var isFull: Bool { waiting.count >= 16 || waitingBytes >= 16 << 20 }

    mutating func add(_ window: TileWindow, _ bytes: [UInt8]) {
        waiting.append((window, bytes))
        waitingBytes += bytes.count
    }

    /// Delivers what waits, in the order in which it was added.
    mutating func flush(to deliver: (EncodedTile) throws -> Void) throws {
        let digests = BatchMD5.digests(of: waiting.map(\.bytes))
        for (tile, md5) in zip(waiting, digests) {
            tiles += 1
            tileBytes += tile.bytes.count
            let sha256 = Array(SHA256.hash(data: tile.bytes))
            try deliver(EncodedTile(window: tile.window, bytes: tile.bytes, sha256: sha256, md5: md5))
        }
        waiting.removeAll(keepingCapacity: true)
        waitingBytes = 0
    }
}
