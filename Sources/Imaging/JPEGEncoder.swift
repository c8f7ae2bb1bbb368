import CImaging

/// Writes baseline JPEG files: 8-bit, chroma 4:2:0, the Huffman tables of the standard.
///
/// The same pixels and quality give the same bytes with the same libjpeg.
package enum JPEGEncoder {
    /// Encodes whole pixels and optional metadata segments.
    ///
    /// `pixels` are `width * height * channels` bytes, row by row, without padding; `channels` is 1 (grey) or 3 (RGB);
    /// `quality` runs from 1 (worst) to 100 (best) on libjpeg's scale. `markers` are APPn segments (codes 0xE0 to 0xEF,
    /// at most 65,533 bytes each, without their marker and length bytes) to write right after SOI; with any of them no
    /// JFIF segment is written, because EXIF wants to be first.
    package static func encode(
        pixels: [UInt8],
        width: Int,
        height: Int,
        channels: Int,
        quality: Int,
        markers: [(code: UInt8, bytes: [UInt8])] = []
    ) throws(ImagingError) -> [UInt8] {
        let (area, areaOverflows) = width.multipliedReportingOverflow(by: height)
        let (size, sizeOverflows) = area.multipliedReportingOverflow(by: channels)
        guard width > 0, height > 0, !areaOverflows, !sizeOverflows, pixels.count == size else {
            throw ImagingError(
                .encodeFailed,
                "\(pixels.count) bytes are not \(width) x \(height) pixels of \(channels) channels; pass exactly those"
            )
        }
        let segments = try segments(of: markers)
        var buffer = EncodeBuffer()
        return try unsafe pixels.withUnsafeBufferPointer { (rows) throws(ImagingError) in
            guard let base = rows.baseAddress else {
                throw ImagingError(.encodeFailed, "there are no pixels")
            }
            return unsafe try encode(
                base,
                stride: width * channels,
                width: width,
                height: height,
                channels: channels,
                quality: quality,
                segments: segments,
                into: &buffer
            )
        }
    }

    /// Encodes rows that lie `stride` bytes apart, which is how tiles are cut from a strip without a copy.
    static func encode(
        _ pixels: UnsafePointer<UInt8>,
        stride: Int,
        width: Int,
        height: Int,
        channels: Int,
        quality: Int,
        segments: [UInt8] = [],
        into buffer: inout EncodeBuffer
    ) throws(ImagingError) -> [UInt8] {
        guard channels == 1 || channels == 3 else {
            throw ImagingError(
                .encodeFailed,
                "JPEG holds 1 or 3 channels here, not \(channels); write PNG instead"
            )
        }
        guard (1...100).contains(quality) else {
            throw ImagingError(.encodeFailed, "JPEG quality \(quality) is not between 1 and 100")
        }
        guard (1...65_500).contains(width), (1...65_500).contains(height) else {
            throw ImagingError(.encodeFailed, "JPEG ends at 65,500 pixels a side, not \(width) x \(height)")
        }
        return try unsafe buffer.collect { out, failure in
            unsafe segments.withUnsafeBufferPointer { segments in
                unsafe imaging_jpeg_encode(
                    pixels,
                    stride,
                    UInt32(width),
                    UInt32(height),
                    Int32(channels),
                    Int32(quality),
                    segments.baseAddress,
                    segments.count,
                    out,
                    failure
                )
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
