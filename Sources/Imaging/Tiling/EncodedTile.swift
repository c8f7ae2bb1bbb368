/// What became of one window of the plan.
package enum CutTile: Sendable {
    case made(EncodedTile)
    case skipped(SkippedTile)
}

/// One finished tile: a complete file, and its digests.
package struct EncodedTile: Sendable {
    package let window: TileWindow
    /// 0 for the tile as the image shows it, from 1 on for its augmented variants.
    package let variant: Int
    /// What was done to a variant, in order.
    package let steps: [AppliedStep]
    /// Pixels of the file: of a variant that was turned, not those of its window.
    package let width: Int
    package let height: Int
    package let bytes: [UInt8]
    /// 32 bytes.
    package let sha256: [UInt8]
    /// 16 bytes, the name that DVC knows the file by.
    package let md5: [UInt8]

    package init(
        window: TileWindow,
        variant: Int,
        steps: [AppliedStep],
        width: Int,
        height: Int,
        bytes: [UInt8],
        sha256: [UInt8],
        md5: [UInt8]
    ) {
        self.window = window
        self.variant = variant
        self.steps = steps
        self.width = width
        self.height = height
        self.bytes = bytes
        self.sha256 = sha256
        self.md5 = md5
    }
}

/// A window that the recipe's rule for blank tiles left out.
package struct SkippedTile: Sendable, Equatable {
    package let window: TileWindow
    /// What was measured: bits of entropy, or the share of pixels without data.
    package let measure: Double
}
