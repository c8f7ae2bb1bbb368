import CImaging

extension LosslessJPEG {
    /// Checks kind, size and limits as every other way into the engine does.
    static func probe(
        _ bytes: UnsafeBufferPointer<UInt8>,
        of image: ImageFile,
        limits: ImageLimits
    ) throws(ImagingError) -> ImageInfo {
        let info = try unsafe ImageDecoder(bytes, of: image, limits: limits).info
        guard info.format == .jpeg else {
            throw ImagingError(
                .encodeFailed,
                "lossless JPEG tiles are cut from JPEG files only, not from \(info.format.rawValue); use PNG tiles"
            )
        }
        return info
    }

    static func spans(_ pairs: [(Int, Int)]) throws(ImagingError) -> [imaging_span] {
        var spans: [imaging_span] = []
        spans.reserveCapacity(pairs.count)
        for (start, length) in pairs {
            guard let start = UInt32(exactly: start), let length = UInt32(exactly: length) else {
                throw ImagingError(.invalidSettings, "no tile is \(length) pixels from pixel \(start) on")
            }
            spans.append(imaging_span(start: start, length: length))
        }
        return spans
    }

    static func open(
        _ bytes: UnsafeBufferPointer<UInt8>,
        columns: [imaging_span],
        rows: [imaging_span],
        limits: ImageLimits
    ) throws(ImagingError) -> OpaquePointer {
        var failure = imaging_failure()
        var opened: OpaquePointer?
        let code = unsafe columns.withUnsafeBufferPointer { columns in
            unsafe rows.withUnsafeBufferPointer { rows in
                var request = unsafe imaging_splice_request(
                    columns: columns.baseAddress,
                    columns_count: columns.count,
                    rows: rows.baseAddress,
                    rows_count: rows.count,
                    max_buffered_bytes: UInt64(clamping: limits.maxBufferedBytes),
                    max_scans: Int32(clamping: limits.maxScans)
                )
                return unsafe imaging_splice_open(bytes.baseAddress, bytes.count, &request, &opened, &failure)
            }
        }
        guard code == 0, let opened = unsafe opened else { throw ImagingError(failure) }
        return unsafe opened
    }

    static func absorb(_ raw: OpaquePointer, isCancelled: () -> Bool) throws(ImagingError) {
        var failure = imaging_failure()
        var done: Int32 = 0
        while done == 0 {
            if isCancelled() { throw ImagingError.stopped }
            guard unsafe imaging_splice_absorb(raw, &done, &failure) == 0 else { throw ImagingError(failure) }
        }
    }
}
