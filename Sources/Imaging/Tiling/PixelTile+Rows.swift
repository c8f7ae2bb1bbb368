import CImaging

extension PixelTile {
    /// Copies pixels from where they lie.
    init(_ rows: PixelRows) throws(ImagingError) {
        let row = rows.width * rows.pixelBytes
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: row * rows.height) { out, count in
            unsafe imaging_gather(
                rows.first,
                rows.pixelBytes,
                rows.stride,
                UInt32(rows.width),
                UInt32(rows.height),
                Int32(rows.pixelBytes),
                out.baseAddress,
                row
            )
            count = row * rows.height
        }
        try self.init(
            width: rows.width,
            height: rows.height,
            channels: rows.channels,
            bitDepth: rows.bitDepth,
            bigEndian: packed
        )
    }
}
