import CImaging

extension PixelTile {
    /// Takes decoded pixels, whose 16-bit samples are big endian as in PNG.
    package init(
        width: Int,
        height: Int,
        channels: Int,
        bitDepth: Int,
        bigEndian bytes: [UInt8]
    ) throws(ImagingError) {
        guard bitDepth == 8 || bitDepth == 16 else {
            throw ImagingError(.encodeFailed, "a sample has 8 or 16 bits, not \(bitDepth)")
        }
        try self.init(
            width: width,
            height: height,
            channels: channels,
            sample: bitDepth == 8 ? .u8 : .u16,
            bytes: bitDepth == 8 ? bytes : Self.swapped(bytes, isNeeded: Self.isLittleEndian)
        )
    }

    /// The bytes as `PNGEncoder` takes them: 16-bit samples big endian.
    package var bigEndianBytes: [UInt8] {
        sample == .u16 ? Self.swapped(bytes, isNeeded: Self.isLittleEndian) : bytes
    }

    static var isLittleEndian: Bool { UInt16(1).littleEndian == 1 }

    private static func swapped(_ bytes: [UInt8], isNeeded: Bool) -> [UInt8] {
        guard isNeeded else { return bytes }
        var swapped = bytes
        unsafe swapped.withUnsafeMutableBufferPointer { samples in
            unsafe imaging_swap_bytes(samples.baseAddress, samples.count / 2)
        }
        return swapped
    }
}
