import CImaging

/// How much work goes into the size of a PNG file; every one is lossless.
package enum PNGCompression: String, CaseIterable, Sendable {
    /// The Paeth filter, then Huffman codes without matches: several times as fast as the usual encoders, and no larger
    /// than what they write by default.
    case fast
    /// Matches of whole pixels after a filter chosen by trial: about a fifth smaller on photographs, at a quarter of the
    /// speed of `fast`.
    case balanced
    /// zlib's highest level over two choices of filters, or `balanced` where that is smaller. Takes seconds for each
    /// megapixel, and alone among these its bytes depend on zlib: they are equal for one version of it.
    case small

    var raw: imaging_png_compression {
        switch self {
        case .fast: IMAGING_PNG_FAST
        case .balanced: IMAGING_PNG_BALANCED
        case .small: IMAGING_PNG_SMALL
        }
    }
}
