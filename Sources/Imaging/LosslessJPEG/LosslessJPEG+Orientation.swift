extension LosslessJPEG {
    /// The smallest EXIF segment that tells how a tile is turned: APP1 with one tag in big-endian TIFF.
    ///
    /// Source: EXIF 2.32, sections 4.5.4 (APP1) and 4.6.4 (Orientation, 0x0112, a SHORT).
    package static func orientationSegment(_ orientation: Orientation) -> [UInt8] {
        let tiff: [UInt8] =
            [0x4D, 0x4D, 0, 42, 0, 0, 0, 8]
            + [0, 1]
            + [0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, UInt8(orientation.rawValue), 0, 0]
            + [0, 0, 0, 0]
        let payload = Array("Exif".utf8) + [0, 0] + tiff
        return [0xFF, 0xE1, 0, UInt8(payload.count + 2)] + payload
    }
}
