/// What a recipe does to the pixels of a tile before they are encoded; nil for a recipe that does nothing.
struct TileTransforms: Sendable {
    private let normaliser: Normaliser
    /// Where they are the same for all tiles.
    private let tables: LookupTables?
    /// Whether a tile's own levels decide.
    private let measuresTiles: Bool
    private let augmenter: Augmenter
    private let seed: AugmentationSeed
    private let variants: Int
    private let keepsPlain: Bool

    /// - Parameters:
    ///   - channels: of a tile.
    ///   - ranges: of the image's channels, where the normalisation asks for them.
    init?(
        _ settings: TilingSettings,
        of info: ImageInfo,
        channels: Int,
        ranges: [ChannelRange]?,
        seed: AugmentationSeed
    ) throws(ImagingError) {
        let stored: SampleType = info.bitDepth == 16 ? .u16 : .u8
        let output = settings.sample ?? stored
        let changesLevels = settings.normalisation != .none || output != stored
        guard changesLevels || settings.variants > 0 || settings.encoding == .npy else { return nil }
        normaliser = try Normaliser(settings.normalisation, output: output)
        switch settings.normalisation {
        case .minMax(.tile), .percentile(_, _, .tile): (tables, measuresTiles) = (nil, true)
        default:
            measuresTiles = false
            let pixel = [UInt8](repeating: 0, count: channels * stored.bytes)
            let sample = try PixelTile(width: 1, height: 1, channels: channels, sample: stored, bytes: pixel)
            tables = changesLevels ? try normaliser.tables(for: sample, imageRanges: ranges) : nil
        }
        augmenter = Augmenter(steps: settings.augmentation)
        self.seed = seed
        variants = settings.variants
        keepsPlain = settings.keepsPlain || settings.variants == 0
    }

    /// Calls `body` with the tile as it is and with its variants, each as it is to be encoded.
    func versions(
        of rows: PixelRows,
        at window: TileWindow,
        _ body: (_ variant: Int, _ steps: [AppliedStep], PixelTile) throws -> Void
    ) throws {
        let plain = try PixelTile(rows)
        // Padding has levels that nobody photographed.
        let valid = measuresTiles && window.isPadded ? try PixelTile(rows.valid(in: window)) : nil
        if keepsPlain { try body(0, [], try normalised(plain, measured: valid)) }
        for variant in 1..<variants + 1 {
            let key = AugmentationKey(
                source: seed.source,
                recipe: seed.recipe,
                row: window.row,
                column: window.column,
                variant: variant
            )
            let steps = augmenter.draw(key: key)
            let augmented = try Augmenter.apply(steps, to: plain)
            // Turned about, the image is hard to tell from its padding: so it is measured as it lay.
            let measured = try valid.map { try Augmenter.apply(steps.filter { !$0.movesPixels }, to: $0) }
            try body(variant, steps, try normalised(augmented, measured: measured))
        }
    }

    private func normalised(_ tile: PixelTile, measured: PixelTile?) throws(ImagingError) -> PixelTile {
        guard let tables else { return try normaliser.apply(tile, measured: measured) }
        return try tables.apply(to: tile)
    }
}
