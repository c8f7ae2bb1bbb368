/// Cuts images into upright tiles.
package enum Tiler {
    /// Decodes the whole image once, and delivers every tile of its plan with its digests.
    ///
    /// Works on the calling thread, and holds a strip of stored rows as high as a tile, whatever the image's height
    /// (progressive JPEG and interlaced PNG are held whole, under `limits.maxBufferedBytes`). Tiles come in the order in
    /// which their last stored row is decoded, and row by row within one strip: row-major for the orientations `up` and
    /// `upMirrored`, from the last row upwards for `down` and `downMirrored`, column by column for the others. They are handed over in batches of 16, whose digests are
    /// computed together.
    ///
    /// - Important: Delivered tiles count only once this returns. Damage may show in the last row, and then it throws
    ///   after most tiles were delivered.
    ///
    /// Throws `ImagingError`, or whatever `deliver` throws.
    package static func cut(
        _ image: ImageFile,
        orientation: Orientation = .up,
        settings: TilingSettings,
        limits: ImageLimits = ImageLimits(),
        isCancelled: () -> Bool = { false },
        deliver: (EncodedTile) throws -> Void
    ) throws -> TilingResult {
        try unsafe image.bytes.withUnsafeBufferPointer { bytes in
            let decoder = try unsafe ImageDecoder(bytes, of: image, limits: limits)
            let info = decoder.info
            try check(info, fits: settings)
            let oriented = orientation.orientedSize(width: info.width, height: info.height)
            let plan = try TilePlan(
                width: oriented.width,
                height: oriented.height,
                settings: settings,
                limits: limits
            )
            var strip = try Strip(
                info: info,
                height: orientation.swapsAxes ? plan.tileWidth : plan.tileHeight,
                limits: limits
            )
            var encoder = TileEncoder(encoding: settings.encoding, info: info, orientation: orientation)
            try decoder.start(limits: limits, isCancelled: isCancelled)

            var batch = TileBatch()
            for band in StoredBand.bands(of: plan, orientation: orientation, info: info) {
                try strip.advance(to: band.y, from: decoder, isCancelled: isCancelled)
                for window in band.windows {
                    if isCancelled() { throw ImagingError.stopped }
                    batch.add(window, try encoder.encode(window, from: strip))
                    if batch.isFull { try batch.flush(to: deliver) }
                }
            }
            let trailingBytes = try decoder.finish()
            try batch.flush(to: deliver)
            return TilingResult(
                info: info,
                tiles: batch.tiles,
                tileBytes: batch.tileBytes,
                trailingBytes: trailingBytes,
                orientedWidth: oriented.width,
                orientedHeight: oriented.height
            )
        }
    }

    /// JPEG tiles would lose transparency or bits; that is the user's choice to make, so it is refused, not done.
    private static func check(_ info: ImageInfo, fits settings: TilingSettings) throws(ImagingError) {
        guard case .jpeg = settings.encoding else { return }
        let lost: String? =
            if info.bitDepth == 16 {
                "16-bit samples"
            } else if info.channels == 2 || info.channels == 4 {
                "transparency"
            } else {
                nil
            }
        if let lost {
            throw ImagingError(
                .unsupportedFormat,
                "JPEG tiles cannot hold this image's \(lost); use PNG tiles"
            )
        }
    }
}
