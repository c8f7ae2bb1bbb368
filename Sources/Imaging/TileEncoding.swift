/// The format of the tiles.
package enum TileEncoding: Sendable, Equatable {
    /// Lossless, with the source's channels and bit depth.
    case png
    /// Baseline JPEG of 8-bit grey or RGB, quality 1 to 100 on libjpeg's scale.
    case jpeg(quality: Int)

    /// What the names of tile files end with, without the dot.
    package var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpg"
        }
    }
}
