/// The formats that are decoded.
package enum ImageFormat: String, Sendable, CaseIterable {
    case jpeg
    case png
}

/// How a file stores its colours.
package enum ColourModel: String, Sendable, CaseIterable {
    case grey
    case greyAlpha = "grey-alpha"
    case rgb
    case rgba
    case palette
    case ycbcr
    case cmyk
    case ycck
}

/// What an image's header says.
package struct ImageInfo: Sendable, Equatable {
    package let format: ImageFormat
    /// Stored pixels, before the orientation is applied.
    package let width: Int
    /// Stored pixels, before the orientation is applied.
    package let height: Int
    /// Channels of the decoded pixels: 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    package let channels: Int
    /// Bits of a decoded sample: 8 or 16.
    package let bitDepth: Int
    /// Bits of a stored sample or palette index: 1, 2, 4, 8 or 16.
    package let storedBitDepth: Int
    /// True for progressive JPEG and interlaced PNG.
    package let progressive: Bool
    package let colourModel: ColourModel
    /// How a JPEG file samples its colours; nil where it has none apart from its brightness, or samples them oddly.
    let colourSampling: ColourSampling?

    /// What decoding changes beyond unpacking, such as `cmyk to rgb`; nil where the samples are kept.
    ///
    /// Inks become light without a colour profile: each channel is what its ink and black let through together.
    package var conversion: String? {
        switch colourModel {
        case .cmyk, .ycck: "\(colourModel.rawValue) to rgb"
        case .palette: "palette to \(channels == 4 ? "rgba" : "rgb")"
        default: nil
        }
    }
}

/// Brightness samples for one colour sample along a row and a column, 1 or 2 each.
struct ColourSampling: Sendable, Equatable {
    let across: Int32
    let down: Int32
}
