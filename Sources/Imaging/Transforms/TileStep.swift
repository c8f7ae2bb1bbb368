/// A step with everything drawn and checked.
enum TileStep: Equatable {
    case turn(QuarterTurn)
    case rotate(degrees: Double)
    case crop(ShareWindow)
    case tone([ToneCurve])
    case hue(HueShift)
    case blur(sigma: Double)
    case noise(sigma: Double, seed: [UInt32])
    case dropout(holes: [ShareWindow], fill: Double)
    case jpeg(quality: Int)

    init(_ step: AppliedStep) throws(ImagingError) {
        guard let kind = AugmentationKind(rawValue: step.name) else {
            throw ImagingError(
                .invalidSettings,
                "there is no augmentation \"\(step.name)\"; there are \(Augmentation.names.joined(separator: ", "))"
            )
        }
        switch kind {
        case .flipHorizontal: self = .turn(.flipHorizontal)
        case .flipVertical: self = .turn(.flipVertical)
        case .rotate90: self = .turn(.counterClockwise(try step.whole("turns", in: 1...3)))
        case .rotate: self = .rotate(degrees: try step.number("degrees", in: -45...45))
        case .scaleCrop: self = .crop(try ShareWindow(crop: step))
        case .brightness: self = .tone([.brightness(try step.number("delta", in: -1...1))])
        case .contrast: self = .tone([.contrast(try step.number("factor", in: 0...10))])
        case .gamma: self = .tone([.gamma(try step.number("gamma", in: 0.1...10))])
        case .hueSaturation: self = .hue(try HueShift(step))
        case .blur: self = .blur(sigma: try step.number("sigma", in: 0...32))
        case .noise:
            let seed = try step.numbers("seed", in: 0...4_294_967_295, count: 2...2).map { UInt32($0) }
            self = .noise(sigma: try step.number("sigma", in: 0...1), seed: seed)
        case .dropout:
            let fill = try step.number("fill", in: 0...1)
            self = .dropout(holes: try ShareWindow.holes(of: step), fill: fill)
        case .jpeg: self = .jpeg(quality: try step.whole("quality", in: 1...100))
        }
    }

    /// Steps with neighbours of one kind made one, where the result stays the same.
    static func merged(_ steps: [TileStep]) -> [TileStep] {
        steps.reduce(into: []) { merged, step in
            switch (merged.last, step) {
            case (.turn(let first), .turn(let second)):
                merged[merged.count - 1] = .turn(first.followed(by: second))
            case (.tone(let first), .tone(let second)):
                merged[merged.count - 1] = .tone(first + second)
            default:
                merged.append(step)
            }
        }
    }

    func apply(to tile: inout PixelTile) throws(ImagingError) {
        switch self {
        case .turn(let turn): tile = try tile.turned(turn)
        case .rotate(let degrees): tile = try tile.rotated(degrees: degrees)
        case .crop(let window): tile = try tile.cropped(to: window)
        case .tone(let curves): tile = try tile.toned(by: curves)
        case .hue(let shift): try tile.shiftHue(shift)
        case .blur(let sigma): tile = try tile.blurred(sigma: sigma)
        case .noise(let sigma, let seed): try tile.addNoise(sigma: sigma, seed: seed)
        case .dropout(let holes, let fill): try tile.dropOut(holes, fill: fill)
        case .jpeg(let quality): tile = try tile.recompressed(quality: quality)
        }
    }
}
