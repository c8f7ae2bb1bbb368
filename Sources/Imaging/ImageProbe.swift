/// Reads what an image says of itself, without its pixels.
package enum ImageProbe {
    /// Checks kind, size and colour model, at the cost of the header alone.
    ///
    /// A file that passes may still be damaged further on: only decoding all of it (`Tiler.cut`) tells.
    package static func probe(
        _ image: ImageFile,
        limits: ImageLimits = ImageLimits()
    ) throws(ImagingError) -> ImageInfo {
        try unsafe image.bytes.withUnsafeBufferPointer { (bytes) throws(ImagingError) in
            try unsafe ImageDecoder(bytes, of: image, limits: limits).info
        }
    }
}
