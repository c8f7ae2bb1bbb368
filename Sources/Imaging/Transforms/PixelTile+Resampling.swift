import CImaging

extension PixelTile {
    /// Turned counter-clockwise around its middle, as OpenCV's `getRotationMatrix2D` and `warpAffine` with
    /// `BORDER_REFLECT_101` do, but with positions to 1/2,048 of a pixel.
    func rotated(degrees: Double) throws(ImagingError) -> PixelTile {
        if degrees == 0 { return self }
        let (sine, cosine) = StableMath.sineAndCosine(degrees: degrees)
        let fixedCosine = Int64((cosine * 0x1p32).rounded())
        let fixedSine = Int64((sine * 0x1p32).rounded())
        return try unsafe mapped(by: "rotate") { from, shape, to, failure in
            // The kernel maps pixels of the result to the source, y down, which is the angle as it is.
            unsafe imaging_rotate(from, shape, fixedCosine, fixedSine, to, failure)
        }
    }

    /// A window stretched to the tile's size, as OpenCV's `resize` with `INTER_LINEAR`.
    func cropped(to window: ShareWindow) throws(ImagingError) -> PixelTile {
        var pixels = window.pixels(width: width, height: height)
        if pixels.width == width && pixels.height == height { return self }
        return try unsafe mapped(by: "scale-crop") { from, shape, to, failure in
            unsafe imaging_stretch(from, shape, &pixels, to, failure)
        }
    }
}
