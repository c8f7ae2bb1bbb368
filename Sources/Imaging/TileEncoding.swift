/// The format of the tiles.
package enum TileEncoding: Sendable, Equatable {
    /// Lossless, with the source's channels and bit depth unless the recipe asks for others.
    case png(PNGCompression)
    /// Baseline JPEG of 8-bit grey or RGB, quality 1 to 100 on libjpeg's scale.
    case jpeg(quality: Int, subsampling: JPEGSubsampling)
    /// The source's own JPEG coefficients, cut at whole MCUs without decoding.
    case jpegLossless
    /// NumPy's array format, for samples that no image format has.
    case npy

    /// Each format with its defaults.
    static let defaults: [TileEncoding] = [
        .png(.fast), .jpeg(quality: 90, subsampling: .s420), .jpegLossless, .npy,
    ]

    /// The word that recipes use.
    package var name: String {
        switch self {
        case .png: "png"
        case .jpeg: "jpeg"
        case .jpegLossless: "jpeg-lossless"
        case .npy: "npy"
        }
    }

    /// What the names of tile files end with, without the dot.
    package var fileExtension: String {
        switch self {
        case .png: "png"
        case .jpeg, .jpegLossless: "jpg"
        case .npy: "npy"
        }
    }
}
