import DVC
import Events
import Imaging

/// Makes the tiles of one content under one recipe, and puts them into the DVC cache.
struct TileCutter: Sendable {
    /// What was made: everything that the events need.
    struct Cut: Sendable {
        let validated: ObjectValidated
        let tiles: [TileWritten]
        let completed: DerivationCompleted
    }

    let original: String
    let source: Digest
    let recipe: Recipe
    let limits: ImageLimits
    let cache: DVCCache

    /// Decodes the whole image, which is also its validation, and writes its tiles; their bytes are on disk when this
    /// returns.
    ///
    /// - Throws: `ImagingError` for an image that is not sound: then nothing of it is in the cache.
    func cut(isCancelled: @escaping () -> Bool) throws -> Cut {
        let clock = ContinuousClock()
        let start = clock.now
        let image = try ImageFile(path: original)
        try verify(image)
        let metadata = ImageMetadata.read(image.bytes)
        let orientation = metadata.orientation.flatMap(Orientation.init(rawValue:)) ?? .up
        let batch = try cache.batch()
        do {
            var tiles: [TileWritten] = []
            var assumption: String?
            let info = try ImageProbe.probe(image, limits: limits)
            let upright = orientation.orientedSize(width: info.width, height: info.height)
            let result = try Tiler.cut(
                image,
                orientation: orientation,
                settings: try TilingSettings(recipe),
                limits: limits,
                isCancelled: isCancelled
            ) { tile in
                let footprint = Footprint.footprint(
                    of: metadata,
                    imageWidth: upright.width,
                    imageHeight: upright.height,
                    window: PixelWindow(tile.window)
                )
                assumption = footprint?.assumption ?? assumption
                try batch.add(bytes: tile.bytes, md5: hex(tile.md5))
                tiles.append(try written(tile, stored: info, orientation, footprint))
            }
            tiles.sort { ($0.row, $0.column) < ($1.row, $1.column) }
            let index = TileIndex(source: source, recipe: recipe.digest, assumption: assumption).bytes(tiles)
            let indexMD5 = md5(index)
            try batch.add(bytes: index, md5: indexMD5)
            try batch.commit()
            return Cut(
                validated: validated(result, orientation, metadata),
                tiles: tiles,
                completed: DerivationCompleted(
                    sourceSHA256: source,
                    recipe: recipe.digest,
                    tiles: result.tiles,
                    tileBytes: result.tileBytes,
                    width: result.orientedWidth,
                    height: result.orientedHeight,
                    indexBytes: index.count,
                    indexSHA256: Digest(of: index),
                    indexMD5: indexMD5,
                    seconds: (clock.now - start).seconds
                )
            )
        } catch {
            batch.discard()
            throw error
        }
    }

    /// The kept original must still be what was fetched: a disk, or a hand in a hard-linked file, may have changed it.
    private func verify(_ image: ImageFile) throws {
        let actual = Digest(ofPieces: image.bytes)
        guard actual == source else {
            throw StageFailure(
                .item,
                "original-damaged",
                "the kept original \(original) has SHA-256 \(actual), not \(source): delete it and upload the image again"
            )
        }
    }

    private func written(
        _ tile: EncodedTile,
        stored: ImageInfo,
        _ orientation: Orientation,
        _ footprint: Footprint?
    ) throws -> TileWritten {
        guard let sha256 = Digest(bytes: tile.sha256) else {
            throw StageFailure(.item, "no-digest", "a tile of \(original) came without its SHA-256")
        }
        let window = tile.window
        return TileWritten(
            name: "\(padded(window.row))_\(padded(window.column)).\(try TilingSettings(recipe).encoding.fileExtension)",
            row: window.row,
            column: window.column,
            x: window.x,
            y: window.y,
            width: window.width,
            height: window.height,
            affine: window.storedMap(
                orientation: orientation,
                storedWidth: stored.width,
                storedHeight: stored.height
            ).coefficients,
            bytes: tile.bytes.count,
            sha256: sha256,
            md5: hex(tile.md5),
            footprint: footprint?.polygon.map { [rounded($0.longitude), rounded($0.latitude)] } ?? []
        )
    }

    private func validated(
        _ result: TilingResult,
        _ orientation: Orientation,
        _ metadata: ImageMetadata
    ) -> ObjectValidated {
        ObjectValidated(
            format: result.info.format.rawValue,
            width: result.info.width,
            height: result.info.height,
            channels: result.info.channels,
            bitDepth: result.info.bitDepth,
            trailingBytes: result.trailingBytes,
            orientation: orientation.rawValue,
            metadata: CanonicalText(metadata.json.bytes)
        )
    }

    /// Eight decimals of a degree, a millimetre: beyond that, mathematical libraries of two machines may differ.
    private func rounded(_ degrees: Double) -> Double {
        (degrees * 1e8).rounded() / 1e8
    }

    private func padded(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

extension TilingSettings {
    /// The imaging engine's settings for a recipe.
    ///
    /// - Throws: `StageFailure` for a format that this program does not know.
    init(_ recipe: Recipe) throws {
        let encoding: TileEncoding
        switch recipe.tileFormat {
        case "png": encoding = .png
        case "jpeg": encoding = .jpeg(quality: recipe.jpegQuality ?? 90)
        default:
            throw StageFailure(
                .stage,
                "unknown-tile-format",
                "the recipe asks for '\(recipe.tileFormat)' tiles; this program makes png and jpeg"
            )
        }
        self.init(
            tileWidth: recipe.tileSize,
            tileHeight: recipe.tileSize,
            overlap: recipe.tileOverlap,
            encoding: encoding
        )
    }
}

extension PixelMap {
    fileprivate var coefficients: [Int] { [a, b, c, d, e, f] }
}

extension PixelWindow {
    init(_ window: TileWindow) {
        self.init(x: window.x, y: window.y, width: window.width, height: window.height)
    }
}
