import CImaging

/// How often each level occurs in each channel of a tile, a strip or an image.
///
/// Histograms of parts add up to that of the whole, so threads can count the strips of an image side by side.
package struct Histogram: Sendable, Equatable {
    package let channels: Int
    /// u8 or u16.
    package let sample: SampleType
    /// 256 or 65,536 counts a channel, channel after channel.
    package private(set) var counts: [UInt64]

    package init(channels: Int, sample: SampleType) throws(ImagingError) {
        guard (1...4).contains(channels), let maximum = sample.maximum else {
            throw ImagingError(
                .invalidSettings,
                "a histogram counts u8 or u16 samples of 1 to 4 channels, not \(sample.rawValue) of \(channels)"
            )
        }
        self.channels = channels
        self.sample = sample
        counts = [UInt64](repeating: 0, count: channels * (maximum + 1))
    }

    /// Counts all samples of a tile.
    package init(of tile: PixelTile) throws(ImagingError) {
        try self.init(channels: tile.channels, sample: tile.sample)
        try add(tile)
    }

    package mutating func add(_ tile: PixelTile) throws(ImagingError) {
        try tile.check()
        guard tile.channels == channels, tile.sample == sample else { throw Self.mismatch }
        try unsafe tile.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            guard let base = bytes.baseAddress else { return }
            try unsafe add(
                base,
                stride: tile.width * tile.channels * tile.sample.bytes,
                width: tile.width,
                height: tile.height,
                isBigEndian: !PixelTile.isLittleEndian
            )
        }
    }

    package mutating func add(_ other: Histogram) throws(ImagingError) {
        guard other.channels == channels, other.sample == sample else { throw Self.mismatch }
        for index in counts.indices { counts[index] += other.counts[index] }
    }

    /// Counts rows that lie `stride` bytes apart, such as a strip's, whose 16-bit samples are big endian.
    mutating func add(
        _ pixels: UnsafePointer<UInt8>,
        stride: Int,
        width: Int,
        height: Int,
        isBigEndian: Bool
    ) throws(ImagingError) {
        guard width > 0, height > 0 else { return }
        // C counts up to 65,536 pixels a side at once; PNG rows may be longer.
        for top in Swift.stride(from: 0, to: height, by: 65_536) {
            for left in Swift.stride(from: 0, to: width, by: 65_536) {
                try unsafe addPart(
                    pixels + top * stride + left * channels * sample.bytes,
                    stride: stride,
                    width: min(width - left, 65_536),
                    height: min(height - top, 65_536),
                    isBigEndian: isBigEndian
                )
            }
        }
    }

    private mutating func addPart(
        _ pixels: UnsafePointer<UInt8>,
        stride: Int,
        width: Int,
        height: Int,
        isBigEndian: Bool
    ) throws(ImagingError) {
        var shape = imaging_shape(
            width: UInt32(width),
            height: UInt32(height),
            channels: Int32(channels),
            bits: Int32(sample.bytes * 8)
        )
        var failure = imaging_failure()
        let code = unsafe counts.withUnsafeMutableBufferPointer { counts in
            unsafe imaging_count(pixels, stride, &shape, isBigEndian ? 1 : 0, counts.baseAddress, &failure)
        }
        guard code == 0 else { throw ImagingError(failure) }
    }

    private static var mismatch: ImagingError {
        ImagingError(.invalidSettings, "histograms of other channels or samples do not add up")
    }
}
