/// Cuts images into upright tiles.
package enum Tiler {
    /// Decodes the whole image once, and delivers every tile of its plan with its digests.
    ///
    /// The calling thread decodes; `crew` makes the tiles of one band of rows while the next is decoded. Memory holds the
    /// file and two bands as high as a tile, whatever the image's height (progressive JPEG and interlaced PNG are held
    /// whole, under `limits.maxBufferedBytes`). Tiles come from any thread in any order; their bytes depend on neither.
    ///
    /// - Important: Delivered tiles count only once this returns. Damage may show in the last row, and then it throws
    ///   after most tiles were delivered.
    ///
    /// Throws `ImagingError`, or whatever `deliver` throws.
    package static func cut(
        _ image: ImageFile,
        as appearance: Appearance = Appearance(),
        settings: TilingSettings,
        limits: ImageLimits = ImageLimits(),
        crew: TileCrew = TileCrew(workers: 1),
        isCancelled: () -> Bool = { false },
        deliver: @escaping @Sendable (CutTile) throws -> Void
    ) throws -> TilingResult {
        try settings.validate()
        if settings.encoding == .jpegLossless {
            return try crew.join { queue in
                try LosslessCutting(image, appearance, settings, limits, isCancelled: isCancelled)
                    .run(queue, deliver: deliver)
            }
        }
        let ranges = try crew.join { _ in
            try ChannelRanges.measure(image, for: settings, limits: limits, isCancelled: isCancelled)
        }
        return try unsafe image.bytes.withUnsafeBufferPointer { bytes in
            let decoder = try unsafe ImageDecoder(bytes, of: image, limits: limits)
            let maker = try TileMaker(decoder.info, appearance, settings, ranges)
            let cutting = try PixelCutting(maker, limits: limits, deliver: deliver)
            return try crew.join { queue in
                // Takes in all scans of a progressive file, which is work as well.
                try decoder.start(cutting.layout, limits: limits, isCancelled: isCancelled)
                return try cutting.run(decoder, queue, isCancelled: isCancelled)
            }
        }
    }
}

/// What an image is besides its pixels, as far as its tiles show it.
package struct Appearance: Sendable {
    /// How its pixels are turned; of lossless JPEG tiles, how they say that they have to be.
    package var orientation: Orientation
    /// The colour profile that its tiles carry.
    package var profile: ICCProfile?
    /// What the variants' numbers are drawn from.
    package var seed: AugmentationSeed

    package init(
        orientation: Orientation = .up,
        profile: ICCProfile? = nil,
        seed: AugmentationSeed = AugmentationSeed(source: [], recipe: [])
    ) {
        self.orientation = orientation
        self.profile = profile
        self.seed = seed
    }
}

/// The digests that all draws of one image under one recipe follow from.
package struct AugmentationSeed: Sendable, Equatable {
    package let source: [UInt8]
    package let recipe: [UInt8]

    package init(source: [UInt8], recipe: [UInt8]) {
        self.source = source
        self.recipe = recipe
    }
}
