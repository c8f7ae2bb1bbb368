/// How an image is cut into tiles.
package struct TilingSettings: Sendable, Equatable {
    /// Pixels, at most 16,384.
    package var tileWidth: Int
    /// Pixels, at most 16,384.
    package var tileHeight: Int
    /// Pixels that neighbours share at least, on both axes; less than the tile's smaller side.
    package var overlap: Int
    package var encoding: TileEncoding

    package static let largestSide = 16_384

    package init(
        tileWidth: Int = 512,
        tileHeight: Int = 512,
        overlap: Int = 64,
        encoding: TileEncoding = .png
    ) {
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
        self.overlap = overlap
        self.encoding = encoding
    }

    /// Refuses settings that contradict themselves, before any image is touched.
    package func validate() throws(ImagingError) {
        let sides = 1...Self.largestSide
        guard sides.contains(tileWidth), sides.contains(tileHeight) else {
            throw ImagingError(
                .invalidSettings,
                "tiles of \(tileWidth) x \(tileHeight) pixels are not possible; use 1 to \(Self.largestSide) a side"
            )
        }
        guard overlap >= 0, overlap < min(tileWidth, tileHeight) else {
            throw ImagingError(
                .invalidSettings,
                "an overlap of \(overlap) pixels does not fit tiles of \(tileWidth) x \(tileHeight); use 0 to "
                    + "\(min(tileWidth, tileHeight) - 1)"
            )
        }
        if case .jpeg(let quality) = encoding, !(1...100).contains(quality) {
            throw ImagingError(.invalidSettings, "JPEG quality \(quality) is not between 1 and 100")
        }
    }
}
