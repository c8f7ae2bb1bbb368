/// What a recipe does to the pixels of a tile before they are encoded; nil for a recipe that does nothing.
struct TileTransforms: Sendable {
    private let normaliser: Normaliser
    private let augmenter: Augmenter
    private let ranges: [ChannelRange]?
    private let seed: AugmentationSeed
    private let variants: Int
    private let keepsPlain: Bool

    init?(
        _ settings: TilingSettings,
        of info: ImageInfo,
        ranges: [ChannelRange]?,
        seed: AugmentationSeed
    ) throws(ImagingError) {
        let stored: SampleType = info.bitDepth == 16 ? .u16 : .u8
        let output = settings.sample ?? stored
        guard
            settings.normalisation != .none || output != stored || settings.variants > 0 || settings.encoding == .npy
        else { return nil }
        normaliser = try Normaliser(settings.normalisation, output: output)
        augmenter = Augmenter(steps: settings.augmentation)
        self.ranges = ranges
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
        let plain = PixelTile(rows)
        if keepsPlain { try body(0, [], try normaliser.apply(plain, imageRanges: ranges)) }
        for variant in 1..<variants + 1 {
            let key = AugmentationKey(
                source: seed.source,
                recipe: seed.recipe,
                row: window.row,
                column: window.column,
                variant: variant
            )
            let steps = augmenter.draw(key: key)
            let tile = try Augmenter.apply(steps, to: plain)
            try body(variant, steps, try normaliser.apply(tile, imageRanges: ranges))
        }
    }
}
