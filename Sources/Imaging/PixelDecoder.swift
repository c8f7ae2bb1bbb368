/// All pixels of an image, as they are stored (not turned upright).
package struct DecodedImage: Sendable, Equatable {
    package let info: ImageInfo
    /// `info.width * info.height * info.channels * info.bitDepth / 8` bytes, row by row; 16-bit samples big endian.
    package let pixels: [UInt8]
    /// Bytes after the end of the image.
    package let trailingBytes: Int
}

/// Decodes images whole, for tiles and other small ones; `Tiler` never holds an image whole.
package enum PixelDecoder {
    /// Decodes all of an image or throws; damage anywhere in it counts.
    package static func decode(
        _ image: ImageFile,
        limits: ImageLimits = ImageLimits(maxPixels: 100_000_000)
    ) throws(ImagingError) -> DecodedImage {
        try unsafe image.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            let decoder = try unsafe ImageDecoder(bytes, of: image, limits: limits)
            let info = decoder.info
            try decoder.start(.pixels(decoder.info), limits: limits) { false }
            let stride = info.width * info.channels * (info.bitDepth / 8)
            var pixels = [UInt8](repeating: 0, count: stride * info.height)
            try unsafe pixels.withUnsafeMutableBufferPointer { (pixels) throws(ImagingError) in
                guard let base = pixels.baseAddress else { return }
                try unsafe decoder.read(info.height, to: base, stride: stride)
            }
            return DecodedImage(info: info, pixels: pixels, trailingBytes: try decoder.finish())
        }
    }
}
