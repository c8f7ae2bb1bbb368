import Events
import Imaging

/// One image with what its file says about it, and how the log's events tell of its tiles.
struct DescribedImage: Sendable {
    /// What the file says.
    private let tag: Orientation
    /// How the tiles are turned.
    private let orientation: Orientation
    private let metadata: ImageMetadata
    /// The same as seen by tiles: without an orientation where they are not turned.
    private let view: ImageMetadata
    private let info: ImageInfo
    private let settings: TilingSettings

    init(_ image: ImageFile, settings: TilingSettings, limits: ImageLimits) throws(ImagingError) {
        info = try ImageProbe.probe(image, limits: limits)
        var metadata = ImageMetadata.read(image.bytes)
        let said = metadata.orientation.flatMap(Orientation.init(rawValue:)) ?? .up
        let turns = settings.orientation == .apply && settings.encoding != .jpegLossless
        orientation = turns ? said : .up
        // Lossless tiles hold the file's own samples, which its profile speaks of.
        metadata.compare(with: info, isConverted: settings.encoding != .jpegLossless)
        self.metadata = metadata
        tag = said
        var view = metadata
        if !turns { view.orientation = nil }
        self.view = view
        self.settings = settings
    }

    /// What the tiles show of it besides its pixels.
    func appearance(seed: AugmentationSeed) -> Appearance {
        let isLossless = settings.encoding == .jpegLossless
        let profile = metadata.profile.flatMap { $0.fits(info) || isLossless ? $0 : nil }
        return Appearance(orientation: isLossless ? tag : orientation, profile: profile, seed: seed)
    }

    func validated(_ result: TilingResult) -> ObjectValidated {
        ObjectValidated(
            format: result.info.format.rawValue,
            width: result.info.width,
            height: result.info.height,
            channels: result.info.channels,
            bitDepth: result.info.bitDepth,
            colourModel: result.info.colourModel.rawValue,
            conversion: settings.encoding == .jpegLossless ? nil : result.info.conversion,
            trailingBytes: result.trailingBytes,
            orientation: tag.rawValue,
            metadata: CanonicalText(metadata.json.bytes),
            footprint: footprint(of: nil)
        )
    }

    func record(of tile: EncodedTile) throws -> TileWritten {
        guard let sha256 = Digest(bytes: tile.sha256) else {
            throw StageFailure(.passing, "no-digest", "a tile came without its SHA-256")
        }
        return TileWritten(
            name: TileName(
                row: tile.window.row,
                column: tile.window.column,
                variant: tile.variant,
                fileExtension: settings.encoding.fileExtension
            ).text,
            place: TilePlace(tile.window),
            edge: settings.edge.name,
            affine: tile.storedMap(orientation: orientation, stored: info).coefficients.map(rounded),
            variant: tile.variant,
            augmentation: tile.steps.isEmpty ? nil : CanonicalText(tile.steps),
            bytes: tile.bytes.count,
            sha256: sha256,
            md5: hex(tile.md5),
            width: tile.width,
            height: tile.height,
            footprint: tile.shownWindow.flatMap { footprint(of: $0) }
        )
    }

    func record(of tile: SkippedTile) -> TileSkipped {
        TileSkipped(
            place: TilePlace(tile.window),
            rule: settings.values[TilingSettings.Name.skipBlank.rawValue] ?? "",
            measure: tile.measure
        )
    }

    /// The ground under a part of the upright image, or under all of it.
    ///
    /// Each is an estimate of its own: of an oblique image the upper part may come too near the horizon, and the lower not.
    private func footprint(of window: PixelWindow?) -> GroundFootprint? {
        let upright = orientation.orientedSize(width: info.width, height: info.height)
        let estimate = Footprint.footprint(
            of: view,
            imageWidth: upright.width,
            imageHeight: upright.height,
            window: window
        )
        guard let estimate else { return nil }
        return GroundFootprint(
            ring: estimate.polygon.map { [rounded($0.longitude), rounded($0.latitude)] },
            errorMetres: (estimate.errorMetres * 100).rounded() / 100,
            assumption: estimate.assumption
        )
    }
}

/// Eight decimals, of a degree a millimetre: beyond that, mathematical libraries of two machines may differ.
private func rounded(_ number: Double) -> Double {
    (number * 1e8).rounded() / 1e8
}

extension TilePlace {
    fileprivate init(_ window: TileWindow) {
        self.init(
            row: window.row,
            column: window.column,
            x: window.x,
            y: window.y,
            width: window.width,
            height: window.height,
            validWidth: window.validWidth,
            validHeight: window.validHeight
        )
    }
}

extension CanonicalText {
    /// The steps of an augmentation with all that was drawn: `[{"name": …, "parameters": {…: […]}}]`.
    fileprivate init(_ steps: [AppliedStep]) {
        let list = steps.map { step in
            CanonicalJSON { json in
                json.set("name", step.name)
                json.set(
                    "parameters",
                    CanonicalJSON { for (name, numbers) in step.parameters { $0.set(name, numbers) } }
                )
            }
        }
        self.init(CanonicalJSON.list(list))
    }
}
