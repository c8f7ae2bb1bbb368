/// How an image is cut into tiles.
package struct TilingSettings: Sendable, Equatable {
    /// Pixels, at most 16,384.
    package var tileWidth: Int
    /// Pixels, at most 16,384.
    package var tileHeight: Int
    /// Pixels that neighbours in a row share (at least, under the edge policy `shift`); less than the tile's width.
    package var overlapX: Int
    /// Pixels that neighbours in a column share; less than the tile's height.
    package var overlapY: Int
    package var edge: EdgePolicy
    package var orientation: OrientationPolicy
    package var alpha: AlphaPolicy
    /// Leaves out tiles that show nothing; nil to keep all.
    package var blank: BlankRule?
    /// Samples of the tiles; nil for those of the image.
    package var sample: SampleType?
    package var normalisation: Normalisation
    /// Steps that make variants of each tile.
    package var augmentation: [Augmentation]
    /// Augmented variants of each tile.
    package var variants: Int
    /// Whether tiles are made without augmentation, too.
    package var keepsPlain: Bool
    package var encoding: TileEncoding

    package static let largestSide = 16_384

    package init(
        tileWidth: Int = 512,
        tileHeight: Int = 512,
        overlap: Int = 64,
        edge: EdgePolicy = .shift,
        orientation: OrientationPolicy = .apply,
        alpha: AlphaPolicy = .keep,
        blank: BlankRule? = nil,
        sample: SampleType? = nil,
        normalisation: Normalisation = .none,
        augmentation: [Augmentation] = [],
        variants: Int = 0,
        keepsPlain: Bool = true,
        encoding: TileEncoding = .png(.fast)
    ) {
        self.tileWidth = tileWidth
        self.tileHeight = tileHeight
        overlapX = overlap
        overlapY = overlap
        self.edge = edge
        self.orientation = orientation
        self.alpha = alpha
        self.blank = blank
        self.sample = sample
        self.normalisation = normalisation
        self.augmentation = augmentation
        self.variants = variants
        self.keepsPlain = keepsPlain
        self.encoding = encoding
    }
}
