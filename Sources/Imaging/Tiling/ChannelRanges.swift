/// The levels of a whole image that its tiles are normalised by.
enum ChannelRanges {
    /// Decodes the image once more to count its levels, for recipes that ask for it; nil for all others.
    ///
    /// Levels are counted as they are stored: before transparency is laid on a background, and alpha not at all.
    static func measure(
        _ image: ImageFile,
        for settings: TilingSettings,
        limits: ImageLimits,
        isCancelled: () -> Bool
    ) throws(ImagingError) -> [ChannelRange]? {
        let (low, high): (Double, Double)
        switch settings.normalisation {
        case .minMax(.image): (low, high) = (0, 100)
        case .percentile(let lowest, let highest, .image): (low, high) = (lowest, highest)
        default: return nil
        }
        let histogram = try unsafe image.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            let decoder = try unsafe ImageDecoder(bytes, of: image, limits: limits)
            return try count(decoder, limits: limits, isCancelled: isCancelled)
        }
        return histogram.ranges(low: low, high: high)
    }

    private static func count(
        _ decoder: borrowing ImageDecoder,
        limits: ImageLimits,
        isCancelled: () -> Bool
    ) throws(ImagingError) -> Histogram {
        let info = decoder.info
        var histogram = try Histogram(channels: info.channels, sample: info.bitDepth == 16 ? .u16 : .u8)
        try decoder.start(.pixels(decoder.info), limits: limits, isCancelled: isCancelled)
        let stride = info.width * info.channels * (info.bitDepth / 8)
        var rows = [UInt8](repeating: 0, count: stride * min(64, info.height))
        for start in Swift.stride(from: 0, to: info.height, by: 64) {
            if isCancelled() { throw ImagingError.stopped }
            let count = min(64, info.height - start)
            try unsafe rows.withUnsafeMutableBufferPointer { (rows) throws(ImagingError) in
                guard let base = rows.baseAddress else { return }
                try unsafe decoder.read(count, to: base, stride: stride)
                try unsafe histogram.add(base, stride: stride, width: info.width, height: count, isBigEndian: true)
            }
        }
        _ = try decoder.finish()
        return histogram
    }
}
