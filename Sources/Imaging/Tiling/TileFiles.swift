/// Writes pixels as files of the recipe's format.
struct TileFiles: Sendable {
    private let encoding: TileEncoding
    /// The colour profile as the format carries it: the body of a PNG chunk, or JPEG segments.
    private let profile: [UInt8]
    /// Of JPEG tiles, for those that are made of planes.
    private let coder: PlaneCoder?

    init(_ encoding: TileEncoding, profile: ICCProfile?) throws(ImagingError) {
        self.encoding = encoding
        self.profile =
            switch (encoding, profile) {
            case (.png, let profile?): try PNGEncoder.profileChunk(profile.bytes)
            case (.jpeg, let profile?): try JPEGEncoder.profileSegments(profile.bytes)
            default: []
            }
        if case .jpeg(let quality, let subsampling) = encoding {
            coder = try PlaneCoder(quality: quality, subsampling: subsampling)
        } else {
            coder = nil
        }
    }

    /// JPEG tiles would lose transparency or bits; that is the user's choice to make, so it is refused, not done.
    func check(channels: Int, bitDepth: Int) throws(ImagingError) {
        guard case .jpeg = encoding else { return }
        if bitDepth == 16 {
            throw ImagingError(
                .encodeFailed,
                "JPEG tiles cannot hold this image's 16-bit samples; use PNG tiles, or sample_type u8"
            )
        }
        if channels == 2 || channels == 4 {
            throw ImagingError(
                .encodeFailed,
                "JPEG tiles cannot hold this image's transparency; use PNG tiles, or alpha flatten:#ffffff"
            )
        }
    }

    func encode(_ tile: PixelTile, on bench: Workbench) throws(ImagingError) -> [UInt8] {
        if encoding == .npy { return try NPYEncoder.encode(tile) }
        let bytes = tile.sample == .u16 ? tile.bigEndianBytes : tile.bytes
        return try unsafe bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            guard let first = bytes.baseAddress else { throw ImagingError(.encodeFailed, "the tile has no pixels") }
            let rows = unsafe PixelRows(
                first: first,
                stride: bytes.count / tile.height,
                width: tile.width,
                height: tile.height,
                channels: tile.channels,
                bitDepth: tile.sample == .u16 ? 16 : 8
            )
            return try encode(rows, on: bench)
        }
    }

    /// Encodes windows of planes, of the same rows, from where they lie.
    func encode(
        _ windows: ArraySlice<TileWindow>,
        of strip: Strip,
        on bench: Workbench,
        _ take: (TileWindow, [UInt8]) throws -> Void
    ) throws {
        guard let coder else {
            throw ImagingError(.encodeFailed, "\(encoding.name) tiles are not encoded from planes")
        }
        try coder.encode(windows, of: strip, segments: profile, on: bench, take)
    }

    func encode(_ rows: PixelRows, on bench: Workbench) throws(ImagingError) -> [UInt8] {
        switch encoding {
        case .png(let compression):
            return try PNGEncoder.encode(
                rows,
                compression: compression,
                profile: profile,
                scratch: &bench.filtered,
                into: &bench.out
            )
        case .jpeg(let quality, let subsampling):
            return try JPEGEncoder.encode(
                rows,
                quality: quality,
                subsampling: subsampling,
                segments: profile,
                into: &bench.out
            )
        case .jpegLossless, .npy:
            throw ImagingError(.encodeFailed, "\(encoding.name) tiles are not encoded from rows of pixels")
        }
    }
}
