import CImaging

/// Writes PNG files made for photographs.
///
/// Sensor noise holds next to no repeats of single bytes, so most of what is saved is saved by Huffman codes, and by
/// matching whole pixels, whose channels vary together. The compressor is this module's own; but for
/// `PNGCompression.small` the same pixels give the same bytes on every machine.
package enum PNGEncoder {
    /// Encodes whole pixels: `width * height * channels * bitDepth / 8` bytes, row by row, without padding.
    ///
    /// `channels` is 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA); `bitDepth` is 8, or 16 with big-endian samples.
    /// `profile` is what `profileChunk` made of a colour profile, or nothing.
    package static func encode(
        pixels: [UInt8],
        width: Int,
        height: Int,
        channels: Int,
        bitDepth: Int = 8,
        compression: PNGCompression = .fast,
        profile: [UInt8] = []
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
            let rows = unsafe PixelRows(
                first: base,
                stride: width * channels * (bitDepth / 8),
                width: width,
                height: height,
                channels: channels,
                bitDepth: bitDepth
            )
            return try encode(
                rows,
                compression: compression,
                profile: profile,
                scratch: &scratch,
                into: &out
            )
        }
    }

    /// Encodes rows where they lie, which is how tiles are cut from a strip without a copy.
    static func encode(
        _ rows: PixelRows,
        compression: PNGCompression,
        profile: [UInt8] = [],
        scratch: inout EncodeBuffer,
        into out: inout EncodeBuffer
    ) throws(ImagingError) -> [UInt8] {
        try unsafe out.collect { out, failure in
            unsafe profile.withUnsafeBufferPointer { profile in
                var request = unsafe imaging_png_request(
                    pixels: rows.first,
                    stride: rows.stride,
                    width: UInt32(rows.width),
                    height: UInt32(rows.height),
                    channels: Int32(rows.channels),
                    bit_depth: Int32(rows.bitDepth),
                    compression: compression.raw,
                    profile: profile.baseAddress,
                    profile_count: profile.count
                )
                return unsafe scratch.lend { scratch in
                    unsafe imaging_png_encode(&request, scratch, out, failure)
                }
            }
        }
    }

    /// The body of the iCCP chunk that holds an ICC colour profile, for `encode`; made once, however many tiles have it.
    package static func profileChunk(_ icc: [UInt8]) throws(ImagingError) -> [UInt8] {
        var chunk = [UInt8](repeating: 0, count: imaging_png_profile_bound(icc.count))
        let count = unsafe icc.withUnsafeBufferPointer { icc in
            unsafe chunk.withUnsafeMutableBufferPointer { chunk in
                unsafe imaging_png_profile(icc.baseAddress, icc.count, chunk.baseAddress, chunk.count)
            }
        }
        guard count > 0 else {
            throw ImagingError(
                .encodeFailed,
                "a colour profile of \(icc.count) bytes does not fit a PNG file; leave it out"
            )
        }
        return Array(chunk[..<count])
    }
}
