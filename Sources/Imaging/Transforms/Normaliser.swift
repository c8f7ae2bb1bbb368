/// Applies a normalisation to tiles.
///
/// Whole samples have so few levels that each is computed once, into a table. Alpha is never normalised: it is carried
/// over as by `Normalisation.none`.
package struct Normaliser: Sendable, Equatable {
    package let normalisation: Normalisation
    package let output: SampleType

    /// Throws `invalidSettings` where the two contradict each other.
    package init(_ normalisation: Normalisation, output: SampleType) throws(ImagingError) {
        try normalisation.check(output: output)
        self.normalisation = normalisation
        self.output = output
    }

    /// A tile of u8 or u16 in, one of `output` out.
    ///
    /// `imageRanges` holds a range for each channel (alpha's may be left out), from `Histogram.ranges` with the
    /// normalisation's percentiles, where its scope is the image; else it is not looked at. Where the scope is the tile,
    /// `measured` is what its levels are taken from: what is image of a tile that has padding, which says nothing.
    package func apply(
        _ tile: PixelTile,
        imageRanges: [ChannelRange]? = nil,
        measured: PixelTile? = nil
    ) throws(ImagingError) -> PixelTile {
        if normalisation == .none && tile.sample == output {
            _ = try tile.shape(for: "normalisation")
            return tile
        }
        return try tables(for: tile, imageRanges: imageRanges, measured: measured).apply(to: tile)
    }

    /// The tables for a tile; those of the scope `image` serve all tiles of it.
    package func tables(
        for tile: PixelTile,
        imageRanges: [ChannelRange]? = nil,
        measured: PixelTile? = nil
    ) throws(ImagingError) -> LookupTables {
        _ = try tile.shape(for: "normalisation")
        let curves = try curves(for: measured ?? tile, imageRanges: imageRanges)
        let size = tile.sample.bytes == 1 ? 256 : 65_536
        var entries: [UInt8] = []
        entries.reserveCapacity(size * tile.channels * output.bytes)
        for curve in curves { entries += curve.entries(levels: size, output: output) }
        return LookupTables(input: tile.sample, output: output, channels: tile.channels, entries: entries)
    }

    private func curves(
        for tile: PixelTile,
        imageRanges: [ChannelRange]?
    ) throws(ImagingError) -> [LevelCurve] {
        let colours: [LevelCurve]
        switch normalisation {
        case .none:
            colours = [LevelCurve](repeating: .same, count: tile.colours)
        case .minMax(let scope):
            colours = try ranges(0, 100, scope, of: tile, imageRanges).map { .stretch($0) }
        case .percentile(let low, let high, let scope):
            colours = try ranges(low, high, scope, of: tile, imageRanges).map { .stretch($0) }
        case .meanStd(let mean, let std):
            guard mean.count == 1 || mean.count == tile.colours else {
                throw ImagingError(
                    .invalidSettings,
                    "\(mean.count) means do not fit \(tile.colours) colour channel; give one mean and one deviation"
                )
            }
            colours = (0..<tile.colours).map { colour in
                .standardise(mean: mean[mean.count == 1 ? 0 : colour], std: std[mean.count == 1 ? 0 : colour])
            }
        }
        return tile.hasAlpha ? colours + [.same] : colours
    }

    private func ranges(
        _ low: Double,
        _ high: Double,
        _ scope: Normalisation.Scope,
        of tile: PixelTile,
        _ imageRanges: [ChannelRange]?
    ) throws(ImagingError) -> [ChannelRange] {
        if scope == .tile {
            return Array(try Histogram(of: tile).ranges(low: low, high: high).prefix(tile.colours))
        }
        guard let imageRanges, imageRanges.count >= tile.colours else {
            throw ImagingError(
                .invalidSettings,
                "normalising over the image takes the ranges of its \(tile.colours) colour channels; count them first"
            )
        }
        return Array(imageRanges.prefix(tile.colours))
    }
}
