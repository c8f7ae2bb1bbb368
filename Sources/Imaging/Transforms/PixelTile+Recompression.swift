import CImaging

extension PixelTile {
    /// What is left after JPEG: chroma 4:2:0, quality on libjpeg's scale.
    func recompressed(quality: Int) throws(ImagingError) -> PixelTile {
        guard sample == .u8 else {
            throw ImagingError(.invalidSettings, "jpeg takes u8 samples, not \(sample.rawValue); leave the step out")
        }
        let file = try JPEGEncoder.encode(
            pixels: hasAlpha ? repacked(bytes, from: channels, to: colours) : bytes,
            width: width,
            height: height,
            channels: colours,
            quality: quality
        )
        let limits = ImageLimits(maxPixels: width * height)
        let decoded = try PixelDecoder.decode(ImageFile(bytes: file), limits: limits)
        guard decoded.pixels.count == width * height * colours else {
            throw ImagingError(.encodeFailed, "a tile came back from JPEG in another shape")
        }
        var result = self
        result.bytes = hasAlpha ? repacked(decoded.pixels, from: colours, to: channels) : decoded.pixels
        result.takeAlpha(of: self)
        return result
    }

    /// 8-bit pixels of another number of channels: the first are copied, new ones are 0.
    private func repacked(_ pixels: [UInt8], from old: Int, to new: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: width * height * new)
        unsafe imaging_copy_channels(
            pixels,
            Int32(old),
            &result,
            Int32(new),
            Int32(min(old, new)),
            1,
            width * height
        )
        return result
    }
}
