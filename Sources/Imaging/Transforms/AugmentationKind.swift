/// The steps that there are, each with its parameters.
///
/// Geometry (the first five) moves alpha along; all others leave it alone. Shares are of the greatest level (255 or
/// 65,535) or of the tile's side, so that a recipe serves both sample types and all sizes.
///
/// At the same parameters they do what Albumentations 2 does, but for this: rotation places samples to 1/2,048 of a pixel,
/// there to 1/32 (on photographs 1 level of 255, between black and white neighbours up to 6); brightness, contrast and
/// gamma round where it cuts fractions off (1 level); hue has 360 steps and more, there 180, and saturation is no 8-bit
/// number (4 levels on photographs, 6 on noise); dropout leaves alpha alone; and 16-bit samples are as exact as those of
/// 8 bits, where it goes through 32-bit fractions or takes none.
enum AugmentationKind: String, CaseIterable, Sendable {
    case flipHorizontal = "flip-horizontal"
    case flipVertical = "flip-vertical"
    /// Quarter turns counter-clockwise, as numpy.rot90; an odd number swaps width and height.
    case rotate90 = "rotate-90"
    /// Counter-clockwise around the middle, bilinear; the border is reflected without repeating its pixels.
    case rotate
    /// A window of `scale` times both sides, drawn anywhere in the tile, stretched to the tile's size, bilinear.
    case scaleCrop = "scale-crop"
    /// Adds a share of the greatest level.
    case brightness
    /// Multiplies levels.
    case contrast
    /// (level / maximum) to a power.
    case gamma
    /// Shifts hue (degrees), saturation and value (shares) in the hexcone model; of grey tiles the value alone.
    case hueSaturation = "hue-saturation"
    /// A Gaussian of a deviation in pixels.
    case blur
    /// Adds normal noise of a deviation as a share of the greatest level, to each sample its own.
    case noise
    /// Fills rectangles with a share of the greatest level.
    case dropout
    /// To JPEG and back; u8 only. Its bytes are those of the libjpeg in use, all other steps' those of any machine.
    case jpeg

    var rules: [ParameterRule] {
        switch self {
        case .flipHorizontal, .flipVertical: []
        case .rotate90: [ParameterRule("turns", .choice, 1...3, isWhole: true, default: [1, 2, 3])]
        case .rotate: [ParameterRule("degrees", .range, -45...45)]
        case .scaleCrop: [ParameterRule("scale", .range, 0.1...1)]
        case .brightness: [ParameterRule("delta", .range, -1...1)]
        case .contrast: [ParameterRule("factor", .range, 0...10)]
        case .gamma: [ParameterRule("gamma", .range, 0.1...10)]
        case .hueSaturation:
            [
                ParameterRule("hue", .range, -180...180, default: [0, 0]),
                ParameterRule("saturation", .range, -1...1, default: [0, 0]),
                ParameterRule("value", .range, -1...1, default: [0, 0]),
            ]
        case .blur: [ParameterRule("sigma", .range, 0...32)]
        case .noise: [ParameterRule("sigma", .range, 0...1)]
        case .dropout:
            [
                ParameterRule("holes", .range, 0...256, isWhole: true),
                ParameterRule("size", .range, 0...1),
                ParameterRule("fill", .value, 0...1, default: [0]),
            ]
        case .jpeg: [ParameterRule("quality", .range, 1...100, isWhole: true)]
        }
    }
}
