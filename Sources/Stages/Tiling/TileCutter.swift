import DVC
import Events
import Imaging
import Synchronization

/// Makes the tiles of one content under one recipe, and puts them into the DVC cache.
struct TileCutter: Sendable {
    /// What was made: everything that the events need.
    struct Cut: Sendable {
        let validated: ObjectValidated
        let tiles: [TileWritten]
        let skipped: [TileSkipped]
        let completed: DerivationCompleted

        /// The MD5s of its files.
        var files: Set<String> { Set(tiles.map(\.md5) + [completed.indexMD5]) }
        /// Their SHA-256.
        var digests: Set<Digest> { Set(tiles.map(\.sha256) + [completed.indexSHA256]) }
    }

    let original: String
    let source: Digest
    let recipe: Recipe
    let limits: ImageLimits
    let cache: DVCCache
    let crew: TileCrew

    /// Decodes the whole image, which is also its validation, and writes its tiles; their bytes are on disk when this
    /// returns.
    ///
    /// - Throws: `ImagingError` for an image that is not sound: then nothing of it is in the cache.
    func cut(isCancelled: @escaping () -> Bool) throws -> Cut {
        let clock = ContinuousClock()
        let start = clock.now
        let settings = try settings()
        let image = try ImageFile(path: original, maxBytes: limits.maxFileBytes)
        let described = try crew.computing {
            try verify(image)
            return try DescribedImage(image, settings: settings, limits: limits)
        }
        let batch = try cache.batch()
        do {
            let records = Mutex(Records())
            let result = try Tiler.cut(
                image,
                as: described.appearance(
                    seed: AugmentationSeed(source: source.bytes, recipe: recipe.digest.bytes)
                ),
                settings: settings,
                limits: limits,
                crew: crew,
                isCancelled: isCancelled
            ) { tile in
                switch tile {
                case .made(let tile):
                    try batch.add(bytes: tile.bytes, md5: hex(tile.md5))
                    let record = try described.record(of: tile)
                    records.withLock { $0.tiles.append(record) }
                case .skipped(let tile):
                    let record = described.record(of: tile)
                    records.withLock { $0.skipped.append(record) }
                }
            }
            let (tiles, skipped) = records.withLock { $0.sorted }
            let index = TileIndex(source: source, recipe: recipe.digest).bytes(tiles)
            let indexMD5 = md5(of: index)
            try batch.add(bytes: index, md5: indexMD5)
            try batch.commit()
            return Cut(
                validated: described.validated(result),
                tiles: tiles,
                skipped: skipped,
                completed: DerivationCompleted(
                    sourceSHA256: source,
                    recipe: recipe.digest,
                    tiles: result.tiles,
                    tileBytes: result.tileBytes,
                    skipped: result.skippedTiles,
                    uncoveredPixels: result.uncoveredPixels,
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

    /// Events of one image's tiles, which come in any order.
    private struct Records {
        var tiles: [TileWritten] = []
        var skipped: [TileSkipped] = []

        var sorted: ([TileWritten], [TileSkipped]) {
            (
                tiles.sorted {
                    ($0.place.row, $0.place.column, $0.variant) < ($1.place.row, $1.place.column, $1.variant)
                },
                skipped.sorted { ($0.place.row, $0.place.column) < ($1.place.row, $1.place.column) }
            )
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

    /// A recipe that this program can't read stops the stage: it is no image's fault.
    private func settings() throws -> TilingSettings {
        guard recipe.engineRevision == Imaging.engineRevision else {
            throw StageFailure(
                .stage,
                "unknown-recipe",
                "the recipe is of imaging engine \(recipe.engineRevision), and this program's is \(Imaging.engineRevision): an `ingest` or `run` adopts it anew"
            )
        }
        do {
            return try TilingSettings(values: recipe.settings)
        } catch {
            throw StageFailure(.stage, "unknown-recipe", "the adopted recipe is not of this program: \(error.message)")
        }
    }
}
