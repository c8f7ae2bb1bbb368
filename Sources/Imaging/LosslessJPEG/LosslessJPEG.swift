import CImaging

/// A JPEG file that is cut without decoding: checked to its last bit by `init`, then read by any number of threads.
///
/// Tiles keep the file's coefficients as they are, so nothing is lost a second time. A file of one scan of Huffman
/// codes, as cameras write it, is spliced: its own bits are cut and joined, faster than they could be decoded. All
/// others that `PixelDecoder` reads (progressive, several scans) are held as coefficients, under
/// `limits.maxBufferedBytes`, and coded anew as sequential JPEG. What `PixelDecoder` refuses is refused.
///
/// Chroma that is stored at half the size is spread over its neighbours when it is decoded, which at a tile's inner
/// edges are those of the tile alone: the outermost pixels may differ there from the whole image's by a few levels.
@safe
package final class LosslessJPEG: Sendable {
    package let info: ImageInfo
    /// Bytes after the end of the image.
    package let trailingBytes: Int
    // Sendable: after `init` the C side only reads what lies behind this, until `deinit`, when nobody holds it.
    private nonisolated(unsafe) let raw: OpaquePointer

    deinit {
        unsafe imaging_splice_close(raw)
    }

    /// Takes in and checks a whole file; tiles are then those of each column in each row.
    ///
    /// `columns` and `rows` are pixels of the stored image, not turned. They start at multiples of the MCU's size and
    /// end there or at the image's edge, or `.invalidSettings` is thrown; they may overlap and may leave gaps.
    package init(
        _ image: ImageFile,
        columns: [(x: Int, width: Int)],
        rows: [(y: Int, height: Int)],
        limits: ImageLimits = ImageLimits(),
        isCancelled: () -> Bool = { false }
    ) throws(ImagingError) {
        let columns = try Self.spans(columns.map { ($0.x, $0.width) })
        let rows = try Self.spans(rows.map { ($0.y, $0.height) })
        let opened = try unsafe image.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            let info = try unsafe Self.probe(bytes, of: image, limits: limits)
            let raw = try unsafe Self.open(bytes, columns: columns, rows: rows, limits: limits)
            do throws(ImagingError) {
                try unsafe Self.absorb(raw, isCancelled: isCancelled)
            } catch {
                unsafe imaging_splice_close(raw)
                throw error
            }
            return unsafe (info, raw)
        }
        info = unsafe opened.0
        unsafe raw = opened.1
        trailingBytes = Int(clamping: unsafe imaging_splice_trailing_bytes(opened.1))
    }

    /// Reads the header alone: what the image is, and the grid that columns and rows must keep to.
    package static func grid(
        of image: ImageFile,
        limits: ImageLimits = ImageLimits()
    ) throws(ImagingError) -> (info: ImageInfo, mcuWidth: Int, mcuHeight: Int) {
        try unsafe image.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            let info = try unsafe probe(bytes, of: image, limits: limits)
            var (width, height): (UInt32, UInt32) = (0, 0)
            var failure = imaging_failure()
            guard unsafe imaging_splice_grid(bytes.baseAddress, bytes.count, &width, &height, &failure) == 0 else {
                throw ImagingError(failure)
            }
            return (info, Int(width), Int(height))
        }
    }

    /// The tile of a column and a row as a JPEG file; equal arguments give equal bytes on any thread.
    ///
    /// `segments` are APPn segments as they stand in a file (such as `orientationSegment`), written right after SOI.
    /// The JFIF segment of the source is kept unless EXIF is among them; Adobe's, which tells how colours are stored,
    /// always. No other metadata of the source is copied.
    package func tile(column: Int, row: Int, segments: [UInt8] = []) throws(ImagingError) -> [UInt8] {
        guard column >= 0, row >= 0 else {
            throw ImagingError(.invalidSettings, "there is no tile in column \(column) of row \(row)")
        }
        var scratch = EncodeBuffer()
        var out = EncodeBuffer()
        return try unsafe out.collect { out, failure in
            unsafe segments.withUnsafeBufferPointer { segments in
                unsafe scratch.lend { scratch in
                    unsafe imaging_splice_write(
                        raw,
                        column,
                        row,
                        segments.baseAddress,
                        segments.count,
                        scratch,
                        out,
                        failure
                    )
                }
            }
        }
    }
}
