import CImaging

/// Writes baseline JPEG files: 8-bit, the Huffman tables of the standard.
///
/// The same pixels, quality and subsampling give the same bytes with the same libjpeg.
package enum JPEGEncoder {
    /// Encodes whole pixels and optional metadata segments.
    ///
    /// `pixels` are `width * height * channels` bytes, row by row, without padding; `channels` is 1 (grey) or 3 (RGB);
    /// `quality` runs from 1 (worst) to 100 (best) on libjpeg's scale. `markers` are APPn segments (codes 0xE0 to 0xEF,
    /// at most 65,533 bytes each, without their marker and length bytes) to write before the image; with an APP0 or APP1
    /// among them no JFIF segment is written, because EXIF wants to be first. `profile` is what `profileSegments` made of a
    /// colour profile, or nothing.
    package static func encode(
        pixels: [UInt8],
        width: Int,
        height: Int,
        channels: Int,
        quality: Int,
        subsampling: JPEGSubsampling = .s420,
        markers: [(code: UInt8, bytes: [UInt8])] = [],
        profile: [UInt8] = []
    ) throws(ImagingError) -> [UInt8] {
        let (area, areaOverflows) = width.multipliedReportingOverflow(by: height)
        let (size, sizeOverflows) = area.multipliedReportingOverflow(by: channels)
        guard width > 0, height > 0, !areaOverflows, !sizeOverflows, pixels.count == size else {
            throw ImagingError(
                .encodeFailed,
                "\(pixels.count) bytes are not \(width) x \(height) pixels of \(channels) channels; pass exactly those"
            )
        }
        let segments = try segments(of: markers) + profile
        var buffer = EncodeBuffer()
        return try unsafe pixels.withUnsafeBufferPointer { (rows) throws(ImagingError) in
            guard let base = rows.baseAddress else {
                throw ImagingError(.encodeFailed, "there are no pixels")
            }
            return unsafe try encode(
                PixelRows(
                    first: base,
                    stride: width * channels,
                    width: width,
                    height: height,
                    channels: channels,
                    bitDepth: 8
                ),
                quality: quality,
                subsampling: subsampling,
                segments: segments,
                into: &buffer
            )
        }
    }

    /// Encodes rows where they lie, which is how tiles are cut from a strip without a copy.
    static func encode(
        _ rows: PixelRows,
        quality: Int,
        subsampling: JPEGSubsampling,
        segments: [UInt8] = [],
        into buffer: inout EncodeBuffer
    ) throws(ImagingError) -> [UInt8] {
        guard rows.bitDepth == 8, rows.channels == 1 || rows.channels == 3 else {
            throw ImagingError(
                .encodeFailed,
                "JPEG holds 1 or 3 channels of 8 bits here, not \(rows.channels) of \(rows.bitDepth); write PNG instead"
            )
        }
        guard (1...100).contains(quality) else {
            throw ImagingError(.encodeFailed, "JPEG quality \(quality) is not between 1 and 100")
        }
        guard (1...65_500).contains(rows.width), (1...65_500).contains(rows.height) else {
            throw ImagingError(.encodeFailed, "JPEG ends at 65,500 pixels a side, not \(rows.width) x \(rows.height)")
        }
        return try unsafe buffer.collect { out, failure in
            unsafe segments.withUnsafeBufferPointer { segments in
                var request = unsafe imaging_jpeg_request(
                    pixels: rows.first,
                    stride: rows.stride,
                    width: UInt32(rows.width),
                    height: UInt32(rows.height),
                    channels: Int32(rows.channels),
                    quality: Int32(quality),
                    horizontal_sampling: subsampling.horizontal,
                    vertical_sampling: subsampling.vertical,
                    segments: segments.baseAddress,
                    segments_count: segments.count
                )
                return unsafe imaging_jpeg_encode(&request, out, failure)
            }
        }
    }

    private static func segments(of markers: [(code: UInt8, bytes: [UInt8])]) throws(ImagingError) -> [UInt8] {
        var segments: [UInt8] = []
        for marker in markers {
            guard (0xE0...0xEF).contains(marker.code), marker.bytes.count <= 65_533 else {
                throw ImagingError(
                    .encodeFailed,
                    "marker \(marker.code) with \(marker.bytes.count) bytes is not an APPn segment of up to 65,533 bytes"
                )
            }
            let length = marker.bytes.count + 2
            segments += [0xFF, marker.code, UInt8(length >> 8), UInt8(length & 0xFF)]
            segments += marker.bytes
        }
        return segments
    }
}
