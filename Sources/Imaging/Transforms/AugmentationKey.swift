import Crypto

/// What the random numbers of one augmented tile are drawn from: the same key gives the same numbers on every machine
/// and in every thread.
package struct AugmentationKey: Sendable, Equatable, Hashable {
    /// The first 8 bytes of SHA-256("swathlog-augmentation", source, recipe) as two little-endian words.
    let words: [UInt32]
    let row: UInt32
    let column: UInt32
    let variant: UInt32

    /// `source` and `recipe` are SHA-256 digests, of the image's bytes and of the settings; `row`, `column` and
    /// `variant` count from 0 and stay below 2^32.
    package init(source: [UInt8], recipe: [UInt8], row: Int, column: Int, variant: Int) {
        var hash = SHA256()
        hash.update(data: Array("swathlog-augmentation".utf8))
        hash.update(data: source)
        hash.update(data: recipe)
        let digest = Array(hash.finalize())
        words = [0, 4].map { start in
            digest[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
        self.row = UInt32(truncatingIfNeeded: row)
        self.column = UInt32(truncatingIfNeeded: column)
        self.variant = UInt32(truncatingIfNeeded: variant)
    }
}
