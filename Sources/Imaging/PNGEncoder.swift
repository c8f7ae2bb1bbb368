import CImaging

/// Writes PNG files made for photographs: the Paeth filter on each row, then Huffman codes without matches.
///
/// Sensor noise holds next to no repeats, so looking for them (which is what costs time in DEFLATE) saves little; only
/// flat parts, which are filtered to long runs of zeros, are matched. The same pixels give the
/// same bytes on every machine; the compressor is this module's own.
package enum PNGEncoder {
    /// Encodes whole pixels: `width * height * channels * bitDepth / 8` bytes, row by row, without padding.
    ///
    /// `channels` is 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA); `bitDepth` is 8, or 16 with big-endian samples.
    package static func encode(
        pixels: [UInt8],
        width: Int,
        height: Int,
        channels: Int,
        bitDepth: Int = 8
    ) throws(ImagingError) -> [UInt8] {
        guard (1...4).contains(channels), bitDepth == 8 || bitDepth == 16 else {
            throw ImagingError(.encodeFailed, "PNG takes 1 to 4 channels of 8 or 16 bits")
        }
        guard width > 0, height > 0, width <= 1 << 30, height <= 1 << 30,
            pixels.count == width * height * channels * (bitDepth / 8)
        else {
            throw ImagingError(
                .encodeFailed,
                "\(pixels.count) bytes are not \(width) x \(height) pixels of \(channels) channels; pass exactly those"
            )
        }
        var scratch = EncodeBuffer()
        var out = EncodeBuffer()
        return try unsafe pixels.withUnsafeBufferPointer { (rows) throws(ImagingError) in
            guard let base = rows.baseAddress else {
                throw ImagingError(.encodeFailed, "there are no pixels")
            }
            return try unsafe encode(
                base,
                stride: width * channels * (bitDepth / 8),
                width: width,
                height: height,
                channels: channels,
                bitDepth: bitDepth,
                scratch: &scratch,
                into: &out
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
        bitDepth: Int,
        scratch: inout EncodeBuffer,
        into out: inout EncodeBuffer
    ) throws(ImagingError) -> [UInt8] {
        try unsafe out.collect { out, failure in
            unsafe scratch.lend { scratch in
                unsafe imaging_png_encode(
                    pixels,
                    stride,
                    UInt32(width),
                    UInt32(height),
                    Int32(channels),
                    Int32(bitDepth),
                    scratch,
                    out,
                    failure
                )
            }
        }
    }
}
