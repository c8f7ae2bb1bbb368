import CImaging

/// A shift of hue, saturation and value.
struct HueShift: Equatable {
    let degrees: Double
    let saturation: Double
    let value: Double

    init(_ step: AppliedStep) throws(ImagingError) {
        degrees = try step.number("hue", in: -180...180)
        saturation = try step.number("saturation", in: -1...1)
        value = try step.number("value", in: -1...1)
    }
}

extension PixelTile {
    /// As `HueSaturationValue` of Albumentations, but in steps of 1/65,536 of a sixth of the circle, where OpenCV's 8-bit
    /// HSV has whole double degrees.
    ///
    /// Grey tiles have no hue or saturation to shift; their value is.
    mutating func shiftHue(_ shift: HueShift) throws(ImagingError) {
        if shift.degrees == 0 && shift.saturation == 0 && shift.value == 0 { return }
        if channels < 3 {
            self = try toned(by: [.brightness(shift.value)])
            return
        }
        let circle: Int32 = 6 << 16
        let hue = Int32((shift.degrees / 60 * 65_536).rounded())
        let saturation = Int32((shift.saturation * 65_536).rounded())
        let value = Int32((shift.value * (sample == .u8 ? 255 : 65_535)).rounded())
        try unsafe change(by: "hue-saturation") { samples, shape, failure in
            unsafe imaging_shift_hue(samples, shape, (hue + circle) % circle, saturation, value, failure)
        }
    }
}
