/// The pixels of a tile between cutting and encoding: row by row, without padding, in native byte order.
package struct PixelTile: Sendable, Equatable {
    package let width: Int
    package let height: Int
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    package let channels: Int
    package let sample: SampleType
    /// `width * height * channels * sample.bytes` bytes.
    package var bytes: [UInt8]

    /// Throws `encodeFailed` where the bytes are not as many as the shape says, or a side is not 1 to 65,536 pixels.
    package init(
        width: Int,
        height: Int,
        channels: Int,
        sample: SampleType,
        bytes: [UInt8]
    ) throws(ImagingError) {
        self.width = width
        self.height = height
        self.channels = channels
        self.sample = sample
        self.bytes = bytes
        try check()
    }

    /// For results, whose size comes from a tile that was checked.
    init(like tile: PixelTile, width: Int, height: Int, bytes: [UInt8]) {
        self.init(unchecked: width, height, tile.channels, tile.sample, bytes)
    }

    init(like tile: PixelTile, sample: SampleType, bytes: [UInt8]) {
        self.init(unchecked: tile.width, tile.height, tile.channels, sample, bytes)
    }

    private init(unchecked width: Int, _ height: Int, _ channels: Int, _ sample: SampleType, _ bytes: [UInt8]) {
        self.width = width
        self.height = height
        self.channels = channels
        self.sample = sample
        self.bytes = bytes
    }

    package var hasAlpha: Bool { channels % 2 == 0 }

    /// Channels without alpha.
    package var colours: Int { hasAlpha ? channels - 1 : channels }

    /// The bytes can be changed from outside, so whoever hands them to C asks again.
    func check() throws(ImagingError) {
        guard (1...65_536).contains(width), (1...65_536).contains(height), (1...4).contains(channels) else {
            throw ImagingError(
                .encodeFailed,
                "a tile has 1 to 65,536 pixels a side and 1 to 4 channels, not \(width) x \(height) x \(channels)"
            )
        }
        guard bytes.count == width * height * channels * sample.bytes else {
            throw ImagingError(
                .encodeFailed,
                "\(bytes.count) bytes are not \(width) x \(height) pixels of \(channels) \(sample.rawValue) channels; "
                    + "pass exactly those"
            )
        }
    }
}
