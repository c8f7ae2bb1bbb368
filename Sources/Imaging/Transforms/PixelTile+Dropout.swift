import CImaging

extension PixelTile {
    /// Fills windows with a share of the greatest level.
    mutating func dropOut(_ holes: [ShareWindow], fill: Double) throws(ImagingError) {
        let level = UInt32((fill * (sample == .u8 ? 255 : 65_535) + 0.5).rounded(.down))
        for hole in holes {
            var window = hole.pixels(width: width, height: height)
            try unsafe change(by: "dropout") { samples, shape, failure in
                unsafe imaging_fill(samples, shape, &window, level, failure)
            }
        }
    }
}
