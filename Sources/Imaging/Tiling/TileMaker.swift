/// Turns windows of a strip into files; the same for all threads.
struct TileMaker: Sendable {
    let info: ImageInfo
    let orientation: Orientation
    let settings: TilingSettings
    private let pixels: TilePixels
    private let files: TileFiles
    private let transforms: TileTransforms?

    init(
        _ info: ImageInfo,
        _ appearance: Appearance,
        _ settings: TilingSettings,
        _ ranges: [ChannelRange]?
    ) throws(ImagingError) {
        self.info = info
        self.settings = settings
        orientation = appearance.orientation
        pixels = TilePixels(info: info, orientation: orientation, edge: settings.edge, alpha: settings.alpha)
        transforms = try TileTransforms(
            settings,
            of: info,
            channels: pixels.channels,
            ranges: ranges,
            seed: appearance.seed
        )
        files = try TileFiles(settings.encoding, profile: appearance.profile)
        let bitDepth = settings.sample.map { $0 == .u8 ? 8 : 16 } ?? info.bitDepth
        try files.check(channels: pixels.channels, bitDepth: bitDepth)
    }

    /// Whether anything between decoding and encoding needs pixels.
    var looksAtPixels: Bool { transforms != nil || settings.blank != nil || orientation != .up }

    /// Makes the tiles of some windows, digests them together, and delivers them.
    func make(
        _ windows: ArraySlice<TileWindow>,
        from strip: Strip,
        on bench: Workbench,
        deliver: (CutTile) throws -> Void
    ) throws -> CutCount {
        var batch = TileBatch()
        if strip.layout.subsampling != nil {
            try files.encode(windows, of: strip, on: bench) { window, bytes in
                try batch.add(MadeTile(window: window, bytes: bytes), deliver: deliver)
            }
            try batch.flush(deliver)
            return batch.count
        }
        for window in windows {
            try pixels.with(window, of: strip, on: bench) { rows in
                if let blank = settings.blank?.measure(rows.valid(in: window)), blank.isBlank {
                    try batch.add(SkippedTile(window: window, measure: blank.measure), deliver: deliver)
                } else if let transforms {
                    try transforms.versions(of: rows, at: window) { variant, steps, tile in
                        let made = MadeTile(
                            window: window,
                            variant: variant,
                            steps: steps,
                            size: (tile.width, tile.height),
                            bytes: try files.encode(tile, on: bench)
                        )
                        try batch.add(made, deliver: deliver)
                    }
                } else {
                    try batch.add(MadeTile(window: window, bytes: try files.encode(rows, on: bench)), deliver: deliver)
                }
            }
        }
        try batch.flush(deliver)
        return batch.count
    }
}
