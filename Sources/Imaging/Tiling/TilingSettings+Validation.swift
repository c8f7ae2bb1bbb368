extension TilingSettings {
    /// Refuses settings that contradict themselves, before any image is touched.
    package func validate() throws(ImagingError) {
        try validateWindows()
        try blank?.validate()
        if case .jpeg(let quality, _) = encoding, !(1...100).contains(quality) {
            throw ImagingError(.invalidSettings, "JPEG quality \(quality) is not between 1 and 100")
        }
        try validateSamples()
        guard augmentation.isEmpty == (variants == 0) else {
            throw ImagingError(
                .invalidSettings,
                "augment and variants go together: \(augmentation.count) steps make \(variants) variants of a tile"
            )
        }
        if encoding == .jpegLossless { try validateLossless() }
    }

    private func validateWindows() throws(ImagingError) {
        let sides = 1...Self.largestSide
        guard sides.contains(tileWidth), sides.contains(tileHeight) else {
            throw ImagingError(
                .invalidSettings,
                "tiles of \(tileWidth) x \(tileHeight) pixels are not possible; use 1 to \(Self.largestSide) a side"
            )
        }
        guard (0..<tileWidth).contains(overlapX), (0..<tileHeight).contains(overlapY) else {
            throw ImagingError(
                .invalidSettings,
                "an overlap of \(overlapX) x \(overlapY) pixels does not fit tiles of \(tileWidth) x \(tileHeight); use "
                    + "0 to \(tileWidth - 1) x \(tileHeight - 1)"
            )
        }
        if case .pad(.constant(let value)) = edge, !(0...255).contains(value) {
            throw ImagingError(.invalidSettings, "a padding of \(value) is not between 0 and 255")
        }
    }

    private func validateSamples() throws(ImagingError) {
        let isFloat = sample == .f16 || sample == .f32
        if isFloat, encoding != .npy {
            throw ImagingError(
                .invalidSettings,
                "\(encoding.name) tiles have no samples with a fraction; use tile_format npy, or sample_type u8 or u16"
            )
        }
        if case .jpeg = encoding, let sample, sample != .u8 {
            throw ImagingError(.invalidSettings, "jpeg tiles have samples of 8 bits; use sample_type u8 or source")
        }
        // What the image stores is known only later; both of its types are whole numbers.
        _ = try Normaliser(normalisation, output: sample ?? .u8)
    }

    /// Lossless tiles are bits of the image's own file: whatever would need its pixels is impossible.
    private func validateLossless() throws(ImagingError) {
        let contradiction: String? =
            if case .pad = edge {
                "tile_edge pad; use shift, crop or drop"
            } else if blank != nil {
                "skip_blank"
            } else if sample != nil {
                "sample_type"
            } else if normalisation != .none {
                "normalise"
            } else if !augmentation.isEmpty {
                "augment"
            } else if alpha != .keep {
                "alpha"
            } else {
                nil
            }
        if let contradiction {
            throw ImagingError(
                .invalidSettings,
                "tile_format jpeg-lossless copies coefficients and sees no pixels, which rules out \(contradiction)"
            )
        }
    }
}
