import CImaging

/// What a strip's rows hold: whole pixels, or a JPEG's brightness and colours in planes of their own.
struct StripLayout: Equatable {
    struct Plane: Equatable {
        /// Bytes of a row.
        let stride: Int
        /// Image columns and rows for one sample.
        let across: Int
        let down: Int
        let sampleBytes: Int
    }

    let planes: [Plane]
    /// How the colours of planes are sampled; nil for pixels.
    let subsampling: JPEGSubsampling?

    /// Whole pixels, as decoders give them.
    static func pixels(_ info: ImageInfo) -> StripLayout {
        let bytes = info.channels * (info.bitDepth / 8)
        let plane = Plane(stride: info.width * bytes, across: 1, down: 1, sampleBytes: bytes)
        return StripLayout(planes: [plane], subsampling: nil)
    }

    static func planes(_ info: ImageInfo, _ subsampling: JPEGSubsampling) -> StripLayout {
        let (across, down) = (Int(subsampling.horizontal), Int(subsampling.vertical))
        let colours = Plane(stride: (info.width + across - 1) / across, across: across, down: down, sampleBytes: 1)
        let brightness = Plane(stride: info.width, across: 1, down: 1, sampleBytes: 1)
        return StripLayout(planes: [brightness, colours, colours], subsampling: subsampling)
    }
}

extension TileMaker {
    /// Planes where the file's can become the tiles' without being turned into pixels and back: that loses nothing of the
    /// colours, and is faster.
    ///
    /// That takes JPEG tiles with the file's subsampling, or with colours half as fine down the columns, which a mean of
    /// two rows gives; no step that looks at pixels; and tiles of whole MCUs.
    func layout(for plan: TilePlan) -> StripLayout {
        guard case .jpeg(_, let subsampling) = settings.encoding, let stored = info.colourSampling, !looksAtPixels,
            stored.across == subsampling.horizontal,
            stored.down == subsampling.vertical || (stored.down == 1 && subsampling.vertical == 2),
            plan.isAligned(across: Int(subsampling.horizontal), down: Int(subsampling.vertical))
        else { return .pixels(info) }
        return .planes(info, subsampling)
    }
}

extension TilePlan {
    /// Whether all tiles begin on a sample of the colours and are made of whole MCUs.
    fileprivate func isAligned(across: Int, down: Int) -> Bool {
        columnSpans.allSatisfy { $0.isAligned(across) } && rowSpans.allSatisfy { $0.isAligned(down) }
    }
}

extension TileSpan {
    fileprivate func isAligned(_ step: Int) -> Bool {
        start % step == 0 && length % (8 * step) == 0 && valid == length
    }
}
