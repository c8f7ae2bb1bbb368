extension TilingSettings {
    /// The settings that make up a recipe, in the order in which they are read: what others depend on comes first.
    package enum Name: String, CaseIterable, Sendable {
        case tileFormat = "tile_format"
        case tileSize = "tile_size"
        case tileOverlap = "tile_overlap"
        case tileEdge = "tile_edge"
        case orientation
        case alpha
        case skipBlank = "skip_blank"
        case sampleType = "sample_type"
        case normalise
        case augment
        case variants
        case plainTiles = "plain_tiles"
        case pngCompression = "png_compression"
        case jpegQuality = "jpeg_quality"
        case jpegSubsampling = "jpeg_subsampling"
    }

    /// The texts that a setting takes; nil where there are more than a list could hold.
    package static func choices(of name: Name) -> [String]? {
        switch name {
        case .tileFormat: TileEncoding.defaults.map(\.name)
        case .orientation: OrientationPolicy.allCases.map(\.rawValue)
        case .sampleType: ["source"] + SampleType.allCases.map(\.rawValue)
        case .plainTiles: ["keep", "omit"]
        case .pngCompression: PNGCompression.allCases.map(\.rawValue)
        case .jpegSubsampling: JPEGSubsampling.allCases.map(\.rawValue)
        case .tileSize, .tileOverlap, .tileEdge, .alpha, .skipBlank, .normalise, .augment, .variants, .jpegQuality: nil
        }
    }

    /// Reads settings from their texts; a name that is missing keeps its default.
    ///
    /// Throws `invalidSettings` with the name of the setting and what it takes.
    package init(values: [String: String]) throws(ImagingError) {
        self.init()
        for name in Name.allCases {
            if let text = values[name.rawValue] { try set(name, to: text) }
        }
        align()
        try validate()
    }

    /// The canonical texts of all settings that play a part under the others.
    package var values: [String: String] {
        var values: [String: String] = [:]
        for name in Name.allCases {
            if let text = text(name) { values[name.rawValue] = text }
        }
        return values
    }

    /// Sets one setting by its text; those that play no part are checked and forgotten.
    package mutating func set(_ name: Name, to text: String) throws(ImagingError) {
        switch name {
        case .tileFormat: encoding = try SettingText.encoding(text)
        case .tileSize: (tileWidth, tileHeight) = try SettingText.size(text)
        case .tileOverlap: (overlapX, overlapY) = try SettingText.overlap(text, width: tileWidth, height: tileHeight)
        case .tileEdge: edge = try SettingText.edge(text)
        case .orientation: orientation = try SettingText.choice(text, name)
        case .alpha: alpha = try SettingText.alpha(text)
        case .skipBlank: blank = try SettingText.blank(text)
        case .sampleType: sample = text == "source" ? nil : try SettingText.choice(text, name, or: "source")
        case .normalise: normalisation = try SettingText.normalisation(text)
        case .augment: augmentation = try SettingText.augmentation(text)
        case .variants: variants = try SettingText.number(text, name, in: 0...999)
        case .plainTiles: keepsPlain = try SettingText.keep(text, name)
        case .pngCompression:
            let compression: PNGCompression = try SettingText.choice(text, name)
            if case .png = encoding { encoding = .png(compression) }
        case .jpegQuality:
            let quality = try SettingText.number(text, name, in: 1...100)
            if case .jpeg(_, let subsampling) = encoding {
                encoding = .jpeg(quality: quality, subsampling: subsampling)
            }
        case .jpegSubsampling:
            let subsampling: JPEGSubsampling = try SettingText.choice(text, name)
            if case .jpeg(let quality, _) = encoding { encoding = .jpeg(quality: quality, subsampling: subsampling) }
        }
    }

    private func text(_ name: Name) -> String? {
        let isLossless = encoding == .jpegLossless
        switch name {
        case .tileFormat: return encoding.name
        case .tileSize: return tileWidth == tileHeight ? "\(tileWidth)" : "\(tileWidth)x\(tileHeight)"
        case .tileOverlap: return overlapX == overlapY ? "\(overlapX)" : "\(overlapX)x\(overlapY)"
        case .tileEdge: return SettingText.text(edge)
        case .orientation: return isLossless ? nil : orientation.rawValue
        case .alpha: return isLossless ? nil : SettingText.text(alpha)
        case .skipBlank: return isLossless ? nil : SettingText.text(blank)
        case .sampleType: return isLossless ? nil : sample?.rawValue ?? "source"
        case .normalise: return isLossless ? nil : SettingText.text(normalisation)
        case .augment: return isLossless ? nil : SettingText.text(augmentation)
        case .variants: return augmentation.isEmpty ? nil : String(variants)
        case .plainTiles: return augmentation.isEmpty ? nil : keepsPlain ? "keep" : "omit"
        case .pngCompression: if case .png(let compression) = encoding { return compression.rawValue }
        case .jpegQuality: if case .jpeg(let quality, _) = encoding { return String(quality) }
        case .jpegSubsampling: if case .jpeg(_, let subsampling) = encoding { return subsampling.rawValue }
        }
        return nil
    }

    /// Moves size and overlap of lossless JPEG tiles to whole MCUs, both upwards: no tile shows less than was asked for.
    ///
    /// MCUs are 8 or 16 pixels a side (T.81, A.2.4) in all but 4:1:1 files, whose 32 are judged when the file is cut.
    private mutating func align() {
        guard encoding == .jpegLossless else { return }
        func aligned(_ pixels: Int) -> Int { (pixels + 15) / 16 * 16 }
        tileWidth = aligned(tileWidth)
        tileHeight = aligned(tileHeight)
        overlapX = aligned(overlapX)
        overlapY = aligned(overlapY)
    }
}
